import { expect, test } from "vitest";
import { addKeywords, readSearch, toQuery, writeSearch } from "./search-params";

const read = (query: string) => readSearch(new URLSearchParams(query));

test("an address says what is looked for, and the other way round", () => {
  const address = "q=rock&q=live&min=20&max=80.50&sort=-price&mine=1";
  expect(writeSearch(read(address)).toString()).toBe(address);
  expect(toQuery(read(address))).toEqual({
    keywords: "rock live",
    min_price: 2000,
    max_price: 8050,
    sort: "-price",
    seller: "me",
    status: "any",
  });
});

test("nothing is said about what is as usual", () => {
  expect(writeSearch(read("")).toString()).toBe("");
  expect(toQuery(read(""))).toEqual({ sort: "-created_at" });
});

test.each(["min=abc", "min=-1", "max=NaN", "sort=evil", "mine=yes", "min="])(
  "%s makes no sense and is left out",
  (query) => {
    expect(writeSearch(read(query)).toString()).toBe("");
  },
);

test("a maximum below the minimum is left out", () => {
  expect(read("min=50&max=20")).toMatchObject({ min: 5000, max: undefined });
});

test("keywords add up, each once, whatever their case", () => {
  const search = addKeywords(read("q=Rock"), "  live  rock ");
  expect(search.keywords.map((word) => word.toLowerCase())).toEqual(["rock", "live"]);
});
