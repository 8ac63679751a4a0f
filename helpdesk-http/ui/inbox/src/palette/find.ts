/** Finding by a few letters: every word typed must stand somewhere; a hit at the start of a word counts more. */

interface Findable {
  group: string;
  label: string;
  words: string;
}

const SHOWN_IN_A_GROUP = 8;

function score(choice: Findable, words: readonly string[]): number {
  const label = choice.label.toLocaleLowerCase();
  let sum = 0;
  for (const word of words) {
    if (label.startsWith(word)) sum += 4;
    else if (label.includes(` ${word}`)) sum += 3;
    else if (label.includes(word)) sum += 2;
    else if (choice.words.includes(word)) sum += 1;
    else return 0;
  }
  return sum;
}

/** The choices that fit, best first within their group, the groups in their first order; of each group only so many. */
export function find<Choice extends Findable>(choices: readonly Choice[], query: string): Choice[] {
  const words = query.toLocaleLowerCase().split(/\s+/u).filter(Boolean);
  const scored = words.length === 0 ? choices.map((choice) => ({ choice, score: 1 })) : choices.map((choice) => ({ choice, score: score(choice, words) })).filter((hit) => hit.score > 0);
  const groups = new Map<string, { choice: Choice; score: number }[]>();
  for (const hit of scored) groups.set(hit.choice.group, [...(groups.get(hit.choice.group) ?? []), hit]);
  return [...groups.values()].flatMap((hits) =>
    hits
      .sort((left, right) => right.score - left.score)
      .slice(0, SHOWN_IN_A_GROUP)
      .map((hit) => hit.choice),
  );
}
