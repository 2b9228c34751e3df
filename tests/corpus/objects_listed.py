"""Objects of which it is known only when the program runs how many there are, or which one is meant."""

import heapq
import math
from dataclasses import dataclass, field

import numpy as np

from tests.corpus.registry import program


class Particle:
    """A mass on a spring."""

    def __init__(self, x, v):
        self.x = x
        self.v = v

    def step(self, dt):
        self.x += self.v * dt
        self.v -= self.x * dt

    @property
    def energy(self):
        return 0.5 * self.v**2 + 0.5 * self.x**2


@program((0.7, 4), (0.7, 1))
def particles_in_a_list_that_grows(x, n):
    particles = []
    for i in range(n):
        particles.append(Particle(x * i, x + 1.0))
    for _ in range(3):
        for p in particles:
            p.step(0.1)
    return sum(p.energy for p in particles)


@program((0.7, 5), (-0.4, 3))
def the_fastest_of_them_is_changed(x, n):
    particles = [Particle(x * (i + 1), math.sin(x * i)) for i in range(n)]
    best = particles[0]
    for i in range(1, len(particles)):
        if particles[i].v > best.v:
            best = particles[i]
    best.x = best.x * x
    return sum(p.x * p.v for p in particles) + best.energy


@program((0.7, 1), (0.7, -1))
def one_of_three_by_a_computed_index(x, k):
    particles = [Particle(x, 1.0), Particle(x * x, 2.0), Particle(3.0, x)]
    particles[k].x = particles[k].x * x
    return sum(p.x * p.v for p in particles) + particles[k].energy


@dataclass
class Body:
    mass: float
    pos: np.ndarray
    vel: np.ndarray


@program((np.array([0.5, 0.3]), 3))
def bodies_with_arrays(x, n):
    bodies = []
    while len(bodies) < n:
        i = len(bodies)
        bodies.append(Body(1.0 + 0.1 * i, x * (i + 1), np.array([0.1, -0.2]) * i))
    for _ in range(2):
        for b in bodies:
            acc = np.zeros(2)
            for other in bodies:
                if other is not b:
                    d = other.pos - b.pos
                    acc = acc + other.mass * d / (np.dot(d, d) + 0.1) ** 1.5
            b.vel = b.vel + 0.05 * acc
        for b in bodies:
            b.pos = b.pos + 0.05 * b.vel
    return sum(np.sum(b.pos**2) for b in bodies)


class System:
    def __init__(self):
        self.items = []
        self.count = 0

    def spawn(self, x):
        self.items.append(Particle(x, 1.0))
        self.count += 1


@program((0.4, 5.0))
def a_system_spawns_particles(x, end):
    system = System()
    t = 0.0
    while t < end:
        system.spawn(x * t)
        t += 1.0
    for p in system.items:
        p.step(0.1)
    return sum([p.x**2 for p in system.items]) / system.count


@program((0.7, 5))
def filtered_and_sorted_they_are_the_same(x, n):
    particles = [Particle(x * i, x - 0.3 * i) for i in range(n)]
    alive = [p for p in particles if p.v > 0]
    for p in alive:
        p.x = p.x * 2.0
    particles.sort(key=lambda p: -p.v)
    particles[0].v = particles[0].v ** 2
    return sum(p.x + p.v for p in particles) + len(alive)


@program((1.5,), (-0.7,))
def one_of_two_is_changed(x):
    a, b = Particle(x, 1.0), Particle(2.0 * x, x)
    c = a if x > 0 else b
    c.x = c.x * x
    a.v = a.v * x + c.v
    return a.x + 3.0 * b.x * a.v + (c.x if c is a else 2.0 * c.v)


@program((1.5, 3), (1.5, 0))
def another_one_in_each_turn(x, n):
    p = Particle(x, 1.0)
    first = p
    for _ in range(n):
        p = Particle(p.x * 2.0, p.v * x)
    p.x = 5.0 * p.v
    return first.x * p.v + p.x


class Node:
    """An item of a linked list."""

    def __init__(self, value, next=None):
        self.value = value
        self.next = next


@program((0.7, 4.0), (0.7, 1.0))
def a_linked_list(x, n):
    head = None
    t = 0.0
    while t < n:
        head = Node(x * t, head)
        t += 1.0
    total = 0.0
    node = head
    while node is not None:
        total += node.value**2
        node = node.next
    return total


class Tree:
    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None


def inserted(tree, key):
    if tree is None:
        return Tree(key)
    if key < tree.key:
        tree.left = inserted(tree.left, key)
    else:
        tree.right = inserted(tree.right, key)
    return tree


def weighted(tree, depth):
    if tree is None:
        return 0.0
    return tree.key * depth + weighted(tree.left, depth + 1.0) + weighted(tree.right, depth + 1.0)


@program((0.7, np.array([0.5, 2.0, 1.5, 0.1, 0.7])), wrt=(0, 1))
def a_search_tree(x, keys):
    root = None
    for key in keys:
        root = inserted(root, x * key)
    return weighted(root, 1.0)


@program((0.7, 6))
def a_stack_of_work(x, n):
    stack = [Node(x)]
    total, count = 0.0, 0
    while stack:
        node = stack.pop()
        total += node.value**2
        count += 1
        if count < n:
            stack.append(Node(node.value * 0.7))
            stack.append(Node(node.value * 0.3))
    return total


class Cell:
    def __init__(self, x):
        self.x = x
        self.history = []
        self.name = "cell"
        self.act = math.tanh

    def tick(self, dt):
        self.history.append(self.x)
        self.x = self.act(self.x + dt)


@program((0.7, 4), tags=("sums",))
def each_with_a_list_of_its_own(x, n):
    cells = []
    while len(cells) < n:
        cells.append(Cell(x * len(cells)))
    for k in range(3):
        for cell in cells:
            cell.tick(0.1 * k)
    return sum(sum(cell.history) * cell.x for cell in cells if cell.name == "cell")


@dataclass(order=True)
class Event:
    time: float
    kind: int = field(compare=False)
    size: float = field(compare=False, default=1.0)


@program((0.9, 4.3))
def events_in_a_queue(rate, end):
    queue = []
    heapq.heappush(queue, Event(0.3 / rate, 0))
    heapq.heappush(queue, Event(0.5 / rate, 1, 2.0))
    total = 0.0
    while queue:
        event = heapq.heappop(queue)
        if event.time > end:
            break
        total += event.size * math.exp(-event.time)
        if event.kind == 0:
            heapq.heappush(queue, Event(event.time + 0.7 / rate, 0, event.size * 1.1))
        else:
            heapq.heappush(queue, Event(event.time + 1.1 / rate, 1))
    return total


@program((0.7, 4))
def objects_in_tuples_that_are_sorted(x, n):
    beam = [(0.0, Node(x))]
    for i in range(n):
        new = []
        for score, node in beam:
            new.append((score + math.sin(node.value * i), Node(node.value * 1.1)))
            new.append((score + math.cos(node.value), Node(node.value + x)))
        new.sort(key=lambda pair: -pair[0])
        beam = new[:3]
    return beam[0][0] + beam[0][1].value


class Account:
    def __init__(self, balance, rate, parent=None):
        self.balance = balance
        self.rate = rate
        self.parent = parent


@program((0.7, 4))
def each_may_have_a_parent(x, n):
    root = Account(x, 0.1)
    accounts = [root]
    while len(accounts) < n:
        accounts.append(Account(x * len(accounts), 0.05, accounts[-1]))
    for each in accounts:
        each.balance *= 1 + each.rate
        if each.parent is not None:
            each.parent.balance += 0.1 * each.balance
    return root.balance + sum(each.balance for each in accounts)


class Value:
    """A number that knows what it was made of."""

    def __init__(self, data, children=(), op=""):
        self.data = data
        self.grad = 0.0
        self.op = op
        self.children = list(children)

    def __add__(self, other):
        return Value(self.data + other.data, (self, other), "+")

    def __mul__(self, other):
        return Value(self.data * other.data, (self, other), "*")


@program((0.7, 3), (0.7, 1))
def values_that_know_what_they_were_made_of(x, n):
    a, b = Value(x), Value(2.0)
    out = a
    for _ in range(n):
        out = out * a + b
    stack, total = [out], 0.0
    while stack:
        value = stack.pop()
        total += value.data if value.op == "*" else 0.5 * value.data
        for child in value.children:
            child.grad += value.data
            stack.append(child)
    return total + a.grad


class Task:
    def __init__(self, cost, name):
        self.cost = cost
        self.name = name

    def __lt__(self, other):
        return self.cost < other.cost


def tasks_of(x, n):
    tasks = []
    while len(tasks) < n:
        i = len(tasks)
        tasks.append(Task(x * math.sin(5.0 * i + 1.0), i))
    return tasks


@program((0.7, 5))
def sorted_as_their_class_says(x, n):
    tasks = tasks_of(x, n)
    pairs = sorted([(t.name // 2, t) for t in tasks], reverse=True)
    tasks.sort()
    return tasks[0].cost * x + tasks[-1].name * x + pairs[0][1].cost + 2.0 * pairs[-1][1].cost


@program((0.7, 6))
def removed_while_a_copy_is_gone_through(x, n):
    tasks = tasks_of(x, n)
    for task in tasks[:]:
        if task.cost < 0:
            tasks.remove(task)
    return sum(t.cost * tasks.index(t) for t in tasks)


@program((0.7, 6))
def behind_a_count_in_a_heap(x, n):
    heap = []
    for task in tasks_of(x, n):
        heapq.heappush(heap, (task.name % 3, task.name, Node(task.cost)))
    total = 0.0
    while heap:
        _, _, node = heapq.heappop(heap)
        total = total * x + node.value
    return total


class Layer:
    def __init__(self, weights, shift=None):
        self.weights = weights
        self.shift = shift


@program((np.array([[0.7, 0.4], [0.2, 0.9]]), 4.0))
def on_one_path_an_attribute_is_none(x, end):
    layers, t = [], 0.0
    while t < end:
        if np.sum(x) * t > 3:
            layers.append(Layer(x * t, x + t))
        else:
            layers.append(Layer(x * t))
        t += 1.0
    out = x
    for layer in layers:
        out = out @ layer.weights * 0.3
        if layer.shift is not None:
            out = out + layer.shift * layer.shift
    return np.sum(out)
