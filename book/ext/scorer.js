/* What a search finds first: pages that explain, and after all of them the library, whose names hold every word. */
var Scorer = {
  score: ([page, , , , score]) => (page === "book/api" ? score - 1000 : score),
  // The rest is as Sphinx has it.
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: {0: 15, 1: 5, 2: -5},
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
