export default (row: any) => ({ title: row.Titel, gross: row["US Gross"] });
