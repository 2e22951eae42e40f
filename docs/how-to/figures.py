"""Makes the figures of an evaluation again: fedkim evaluate --run DIR --predictions FILE.csv, then python3 figures.py FILE.csv"""
import collections, csv, math, sys

def rates(labels, answers):
    pairs = list(zip(labels, answers))
    true, false = sum(l == 1 == a for l, a in pairs), sum(l != 1 == a for l, a in pairs)
    yes, right = sum(l == 1 for l in labels), sum(l == a for l, a in pairs)
    share = lambda part, whole: part / whole if whole else math.nan
    return share(right, len(pairs)), share(true, true + false), share(true, yes), share(2 * true, true + false + yes)

def auroc(labels, scores):  # the chance that a positive sample scores above a negative one, ties half
    above = negatives = positives = 0
    for score in sorted(set(scores)):
        tied = collections.Counter(l for l, s in zip(labels, scores) if s == score)
        above += tied[1] * (negatives + tied[0] / 2)
        negatives, positives = negatives + tied[0], positives + tied[1]
    return above / (positives * negatives) if positives and negatives else math.nan

def bleu1(said, wanted):
    words, known = [s.split() for s in said], [w.split() for w in wanted]
    matches = sum(sum((collections.Counter(w) & collections.Counter(k)).values()) for w, k in zip(words, known))
    spoken, asked = sum(map(len, words)), sum(map(len, known))
    return matches / spoken * math.exp(min(0, 1 - asked / spoken)) if matches else 0.0

groups = collections.defaultdict(list)
for row in csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")):
    groups[row["task"], row["method"]].append(row)
for (task, method), rows in groups.items():
    if rows[0]["score"]:
        labels, scores = [int(r["label"]) for r in rows], [float(r["score"]) for r in rows]
        print(task, method, len(rows), *map(repr, rates(labels, [int(s > 0) for s in scores])), repr(auroc(labels, scores)))
    else:
        print(task, method, len(rows), repr(bleu1([r["answer"] for r in rows], [r["wanted"] for r in rows])))
