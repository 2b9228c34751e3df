"""`deque`, `defaultdict`, `Counter`, memo dicts, heaps, and lists of tuples in order."""

import bisect
import heapq
import itertools
import math
from collections import Counter, OrderedDict, defaultdict, deque

import numpy as np

from tests.corpus.registry import program


@program((0.7, 7))
def drained_queue(x, n):
    q = deque()
    for i in range(n):
        q.append(x * i)
    total = 0.0
    while q:
        v = q.popleft()
        total = total + v * v
        if v > 1.0 and len(q) < 6:
            q.append(v - 1.0)
    return total


@program((0.7, 5))
def window_of_three(x, n):
    q = deque([x, 2 * x], maxlen=3)
    s = 0.0
    for i in range(n):
        q.append(q[0] * 0.5 + q[-1])
        s = s + sum(q)
    return s


@program((0.7,))
def both_ends(x):
    q = deque([1.0, x])
    q.appendleft(x * x)
    q.rotate(1)
    q.extend([x, 3.0])
    q.extendleft([x, 4.0])
    a = q.pop()
    b = q.popleft()
    return sum((i + 1) * v for i, v in enumerate(q)) + a * b


@program((0.7, 7))
def moving_average(x, n):
    q = deque(maxlen=4)
    out = []
    for i in range(n):
        q.append(math.sin(x * i))
        out.append(sum(q) / len(q))
    return sum(v * v for v in out)


@program((0.7, 7))
def event_queue(x, n):
    events = deque([(0.0, x)])
    total = 0.0
    count = 0
    while events and count < n:
        t, v = events.popleft()
        total += v * (t + 1)
        count += 1
        events.append((t + 1.0, v * 0.5))
        if count % 2 == 0:
            events.appendleft((t + 0.5, v * 0.25))
    return total


@program((0.7, 7))
def breadth_first(x, n):
    graph = {0: [1, 2], 1: [3], 2: [3], 3: []}
    dist = {0: x}
    queue = deque([0])
    while queue:
        u = queue.popleft()
        for v in graph[u]:
            if v not in dist:
                dist[v] = dist[u] * 2 + x
                queue.append(v)
    return sum(dist.values())


@program((0.7, 5))
def window_of_arrays(x, n):
    hist = deque([np.array([x, 1.0])], maxlen=3)
    for i in range(n):
        hist.append(hist[-1] * 0.9 + hist[0] * x)
    return np.sum(np.array(hist)) + np.sum(hist[0])


@program((0.7, 5))
def rotated(x, n):
    q = deque(x * i for i in range(n))
    r = deque(reversed(q))
    q.rotate(2)
    q.rotate(-1)
    return sum(a * b for a, b in zip(q, r)) + max(q) + len(q)


@program((0.7,))
def as_a_sequence(x):
    q = deque([x, x * x, 3.0])
    s = 0.0
    for i, v in enumerate(q):
        s += i * v
    a, b, c = q
    q[1] = 7 * x
    q += [x]
    return s * a + b * c + q[1] + q[-1] + (x in q) + isinstance(q, deque)


@program((0.7,))
def default_numbers(x):
    d = defaultdict(float)
    for k, v in [("a", x), ("b", x * x), ("a", 2.0 * x)]:
        d[k] += v
    return d["a"] * d["b"] + d["c"]


@program((0.7,))
def default_lists(x):
    d = defaultdict(list)
    for k, v in [("a", x), ("b", x * x), ("a", 2.0 * x)]:
        d[k].append(v)
    return sum(d["a"]) * d["b"][0]


@program((0.7,))
def default_by_a_function(x):
    d = defaultdict(lambda: x)
    d["q"] = 2.0
    return d["p"] * d["q"] + len(d)


@program((0.7,))
def grouped_means(x):
    groups = defaultdict(list)
    data = [("a", x), ("b", x * x), ("a", 3 * x), ("c", 1.0)]
    for k, v in data:
        groups[k].append(v)
    return sum(np.mean(v) * len(v) for k, v in sorted(groups.items()))


@program((0.7,))
def nested_dicts(x):
    tree = defaultdict(dict)
    tree["a"]["l"] = x
    tree["a"]["r"] = x * x
    tree["b"]["l"] = tree["a"]["r"] * 2
    return sum(v for sub in tree.values() for v in sub.values()) * len(tree)


def helper(d, k, v):
    d[k] += v
    return d


@program((0.7,))
def default_dict_in_a_helper(x):
    d = defaultdict(float)
    helper(d, "u", x)
    helper(d, "u", x * x)
    e = helper(d, "w", 1.0)
    return d["u"] * e["w"] * 2 + len(e)


@program((0.7,))
def default_dict_in_a_loop(x):
    total = 0.0
    for k in range(3):
        d = defaultdict(lambda: 0.5)
        d["a"] += x * k
        total += d["a"] * d["b"]
    return total


@program((0.7, 5))
def default_dict_by_remainders(x, n):
    d = defaultdict(float)
    for i in range(n):
        d[i % 3] += x * i
    return sum(v**2 for v in d.values())


@program((0.7,), tags=("sums",))
def counted_letters(x):
    c = Counter("abracadabra")
    return sum(x**n for k, n in c.items()) + c["z"] + c.most_common(1)[0][1] * x


@program((0.7,), tags=("sums",))
def entropy_of_words(x):
    words = "the cat the dog a cat the".split()
    c = Counter(words)
    vocab = sorted(c)
    probs = {w: c[w] / sum(c.values()) for w in vocab}
    return -sum(p * math.log(p) * x for p in probs.values()) + len(c) * x**2


@program((0.7,))
def counter_of_floats(x):
    c = Counter()
    for ch in "hello":
        c[ch] += x
    return c["l"] * c["h"] + c["z"]


@program((0.7,))
def moved_to_end(x):
    d = OrderedDict()
    d["a"] = x
    d["b"] = x * x
    d.move_to_end("a")
    return sum(v * (i + 1) for i, v in enumerate(d.values()))


@program((0.7,))
def popped_items(x):
    d = {"a": x, "b": x * x}
    total = 1.0
    while d:
        k, v = d.popitem()
        total = total * v + 1
    return total


@program((0.7, 6))
def memo_in_a_closure(x, n):
    memo = {}

    def fib(k):
        if k in memo:
            return memo[k]
        if k < 2:
            r = x * (k + 1)
        else:
            r = fib(k - 1) + x * fib(k - 2)
        memo[k] = r
        return r

    return fib(n)


@program((0.7, 4))
def table_by_pairs(x, n):
    d = {}
    for i in range(n):
        for j in range(n):
            if i == 0 or j == 0:
                d[i, j] = x * (i + j)
            else:
                d[i, j] = d[i - 1, j] + d[i, j - 1] * 0.1
    return d[(n - 1, n - 1)]


@program((0.7, 4))
def knapsack_with_a_memo(x, n):
    memo = {}
    w = [1, 2, 3]
    v = [x, 1.5 * x, 2.8]

    def best(i, c):
        if i == len(w):
            return 0.0
        if (i, c) in memo:
            return memo[i, c]
        r = best(i + 1, c)
        if w[i] <= c:
            r = max(r, v[i] + best(i + 1, c - w[i]))
        memo[i, c] = r
        return r

    return best(0, n)


@program((0.7, 5))
def sorted_pairs(x, n):
    pairs = [(math.sin(x * i), i) for i in range(n)]
    pairs.sort()
    return sum(k * p[0] * p[1] for k, p in enumerate(pairs))


@program((0.7, 5))
def sorted_generator_of_pairs(x, n):
    pairs = sorted(((math.sin(x * i), x * i) for i in range(n)), reverse=True)
    return pairs[0][0] * pairs[-1][1]


@program((0.7, 5))
def slice_assigned(x, n):
    xs = [x * i for i in range(n)]
    xs[1:3] = [x, x * x, 3.0]
    return sum(i * v for i, v in enumerate(xs))


@program((0.7, 6))
def heap_sort(x, n):
    h = []
    for i in range(n):
        heapq.heappush(h, math.sin(x * i))
    s = 0.0
    k = 1
    while h:
        s += k * heapq.heappop(h)
        k += 1
    return s


@program((0.7, 5))
def heap_of_pairs(x, n):
    h = []
    for i in range(n):
        heapq.heappush(h, (math.sin(x * i), x * i))
    p, v = heapq.heappop(h)
    p2, v2 = heapq.heappop(h)
    return p * v + 2 * p2 * v2


@program((0.7,))
def bisected(x):
    xs = sorted([x, x * x, 2.0, -x])
    i = bisect.bisect_left(xs, 0.6)
    bisect.insort(xs, 0.65 * x)
    return sum((i + k) * v for k, v in enumerate(xs))


@program((0.7, 3))
def grouped_and_paired(x, n):
    g = 0.0
    for k, grp in itertools.groupby([1, 1, 2, 2, 2], key=lambda v: v):
        g += sum(v * x for v in grp) ** k
    for a, b in itertools.pairwise([x, x * x, 3.0]):
        g += a * b
    return g


@program((0.7, 5))
def iterators_as_lists(x, n):
    xs = [x * i for i in range(n)]
    pairs = list(zip(xs, reversed(xs)))
    numbered = list(enumerate(xs))
    total = 0.0
    for a, b in pairs:
        total = total + a * b
    return total + numbered[2][1] * numbered[1][0] + list(reversed(xs))[0]


@program((0.7, 5))
def iterator_with_a_name(x, n):
    xs = [x * i for i in range(n)]
    it = zip(xs, reversed(xs))
    return sum([a * b for a, b in it])


@program((0.7, 5))
def grown_list_spliced(x, n):
    xs = [x * i for i in range(n)]
    xs[1:3] = [x * x, 1.0, x]
    xs[-1:] = []
    xs[2:2] = [5 * x]
    del xs[:1]
    total = 0.0
    for i in range(len(xs)):
        total = total + i * xs[i] ** 2
    return total


@program((0.7, 5), (-0.7, 5))
def tuples_compared(x, n):
    best = (0.0, 0.0)
    for i in range(n):
        here = (math.sin(x * i), x * i)
        if best < here:
            best = here
    return best[0] * best[1] + (x if (x, 1.0) < (x, 2.0) else 0.0)


@program((0.7, 5))
def taken_and_dropped(x, n):
    xs = [x * i for i in range(n)]
    taken = list(itertools.takewhile(lambda v: v < 1.5, xs))
    dropped = list(itertools.dropwhile(lambda v: v < 1.5, xs))
    return sum(taken) * sum(dropped) + sum(itertools.filterfalse(lambda v: v < 1.0, xs))
