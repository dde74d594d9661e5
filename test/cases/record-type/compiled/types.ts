export interface Scientist {
  name: string;
  born: number;
}
