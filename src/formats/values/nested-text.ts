/** An object or a list as a field of a row that is a table's, in the text that it is written with. */
export class NestedText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}
