/** Queries that are to stand within another statement. */
import { describe, expect, test } from "bun:test";
import { type QueryLanguage, singleQuery } from "../../src/sources/query-text.ts";

describe("singleQuery()", () => {
  const queries: [given: string, query: string, language?: QueryLanguage][] = [
    ["SELECT 1;", "SELECT 1"],
    [" select 1 ;; \n; -- end; of it", "select 1"],
    ["SELECT 1 -- one", "SELECT 1 -- one"],
    ["SELECT ';' AS \"a;b\", `;`, [;] /* ; */;", "SELECT ';' AS \"a;b\", `;`, [;] /* ; */"],
    ["SELECT 'it''s; ' ;", "SELECT 'it''s; '"],
    ["/* a */ -- b\nVALUES (1)", "/* a */ -- b\nVALUES (1)"],
    ["SELECT 1 /* open ;", "SELECT 1"],
    ["SELECT 1; /* open", "SELECT 1"],
    ["WITH a AS (SELECT 1) SELECT * FROM a", "WITH a AS (SELECT 1) SELECT * FROM a"],
    ["SELECT $$;$$, $a$ $$; $a$;", "SELECT $$;$$, $a$ $$; $a$", "postgres"],
    ["SELECT E'\\';' , e'';", "SELECT E'\\';' , e''", "postgres"],
    ["SELECT /* /* ; */ ; */ a_1;", "SELECT /* /* ; */ ; */ a_1", "postgres"],
    ["(SELECT 1) UNION ALL (SELECT 2);", "(SELECT 1) UNION ALL (SELECT 2)", "postgres"],
    ["TABLE people;", "TABLE people", "postgres"],
  ];
  for (const [given, query, language = "sqlite"] of queries) {
    test(`${JSON.stringify(given)}, ${language}`, () => {
      expect(singleQuery(given, { language, name: "it" })).toBe(query);
    });
  }

  for (const given of ["", ";", "-- SELECT 1", "DELETE FROM a", "PRAGMA table_info(a)", "selection", "'SELECT' 1"]) {
    test(`${JSON.stringify(given)} is no query`, () => {
      expect(() => singleQuery(given, { language: "sqlite", name: "it" })).toThrow("stands no query");
    });
  }

  for (const given of ["SELECT 1; SELECT 2", "SELECT 1; x", "SELECT ';'; DROP TABLE a"]) {
    test(`${JSON.stringify(given)} is more than one`, () => {
      expect(() => singleQuery(given, { language: "postgres", name: "it" })).toThrow("more than one statement");
    });
  }
});
