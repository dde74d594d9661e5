export interface Row {
  id: number;
  name: string;
  born: number;
  score: number | null;
  more: "x" | number;
}
