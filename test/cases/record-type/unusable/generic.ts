type Row<Value> = { name: string; born: Value };

export default (row: Row<number>) => ({ name: row.name, next: row.born + 1 });
