"""Makes the figures of an evaluation again: fedkim evaluate --run DIR --predictions FILE.csv, then python3 figures.py FILE.csv"""
import collections, csv, itertools, math, sys

share = lambda part, whole: part / whole if whole else math.nan

def rates(labels, answers):
    pairs = list(zip(labels, answers))
    true, false = sum(l == 1 == a for l, a in pairs), sum(l != 1 == a for l, a in pairs)
    yes, right = sum(labels), sum(l == a for l, a in pairs)
    return share(right, len(pairs)), share(true, true + false), share(true, yes), share(2 * true, true + false + yes)

def ranked(labels, scores):  # from the highest score down; samples of one score are one step, since nothing tells them apart
    found = wrong = above = area = most = 0
    for _, tied in itertools.groupby(sorted(zip(scores, labels), reverse=True), key=lambda pair: pair[0]):
        tied = collections.Counter(label for _, label in tied)
        above += tied[0] * (found + tied[1] / 2)  # a negative sample, and the positive ones that score above it, ties half
        found, wrong = found + tied[1], wrong + tied[0]
        area += tied[1] * (found / (found + wrong))  # the precision down to here, weighed by the recall that it adds
        most = found if wrong * 10 <= len(labels) - sum(labels) else most  # nine of ten negative samples are below
    return share(above, found * wrong), share(area, found), share(most, found) if wrong else math.nan

def calibration(labels, scores):
    apart = [(1 / (1 + math.exp(min(-score, 700))), label) for score, label in zip(scores, labels)]
    bins = collections.Counter()  # ten of equal width: a bin's probabilities less its positive samples
    for chance, label in apart:
        bins[min(int(chance * 10), 9)] += chance - label
    return sum((chance - label) ** 2 for chance, label in apart) / len(apart), sum(map(abs, bins.values())) / len(apart)

def bleu(said, wanted, longest):
    grams = lambda text, n: collections.Counter(zip(*(text.split()[i:] for i in range(n))))
    words, logs = lambda texts: sum(len(text.split()) for text in texts), 0
    for n in range(1, longest + 1):
        matches = sum((grams(s, n) & grams(w, n)).total() for s, w in zip(said, wanted))
        if not matches:
            return 0.0
        logs += math.log(matches / sum(grams(s, n).total() for s in said))
    return math.exp(logs / longest + min(0, 1 - words(wanted) / words(said)))

def exact(said, wanted):  # of questions that yes or no answers
    closed = [s == w for s, w in zip(said, wanted) if w in ("yes", "no")]
    return share(sum(closed), len(closed))

groups = collections.defaultdict(list)
for row in csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")):
    groups[row["task"], row["method"]].append(row)
for (task, method), rows in groups.items():
    print(task, method, len(rows), end=" ")
    if rows[0]["score"]:
        labels, scores = [int(r["label"]) for r in rows], [float(r["score"]) for r in rows]
        print(*map(repr, rates(labels, [int(s > 0) for s in scores]) + ranked(labels, scores) + calibration(labels, scores)))
    else:
        said, wanted = [r["answer"] for r in rows], [r["wanted"] for r in rows]
        print(*map(repr, [exact(said, wanted)] + [bleu(said, wanted, longest) for longest in range(1, 5)]))
