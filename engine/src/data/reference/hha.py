"""Expected numbers of `hha/tests.rs`: HHA in numpy, written from the paper and the authors' constants, with plain loops
over windows, a solver for each plane and numpy's eigenvectors, none of which the program uses.

    python3 hha.py
"""

import numpy as np

WIDTH, HEIGHT = 48, 36
FX, FY, CX, CY = 40.0, 42.0, 24.5, 17.0


def scene():
    """Distances in metres of a floor, a wall and a box before it, the camera tilted down; 0 where nothing is measured."""
    depth = np.zeros((HEIGHT, WIDTH))
    for y in range(HEIGHT):
        for x in range(WIDTH):
            u, v = (x + 1 - CX) / FX, (y + 1 - CY) / FY
            wall = 3.0 / (0.96 + 0.1 * u - 0.2 * v)
            down = 0.98 * v + 0.2
            floor = 1.3 / down if down > 0.02 else 100.0
            z = wall if wall < floor else floor
            if 10 <= x < 22 and 12 <= y < 28:
                box = 1.9 / (0.9 - 0.3 * u - 0.2 * v)
                z = box if box < z else z
            depth[y, x] = z
    depth[3:7, 30:36] = 0.0
    depth[20, 40] = 0.0
    return np.round(depth * 1000.0) / 1000.0


def normals(cm, rays, reach):
    found = np.full((HEIGHT, WIDTH, 3), np.nan)
    for y in range(HEIGHT):
        for x in range(WIDTH):
            rows = slice(max(0, y - reach), y + reach + 1)
            columns = slice(max(0, x - reach), x + reach + 1)
            z = cm[rows, columns].ravel()
            a = rays[rows, columns].reshape(-1, 3)[z > 0]
            if len(a) < 3:
                continue
            n = np.linalg.solve(a.T @ a, a.T @ (1.0 / z[z > 0]))
            n /= np.linalg.norm(n)
            found[y, x] = n if n @ rays[y, x] >= 0 else -n
    return found


def gravity(found):
    n = found[~np.isnan(found[..., 0])]
    down = np.array([0.0, 1.0, 0.0])
    for degrees in (45, 15):
        for _ in range(5):
            along = np.abs(n @ down)
            floor, wall = n[along > np.cos(np.radians(degrees))], n[along < np.sin(np.radians(degrees))]
            values, vectors = np.linalg.eigh(wall.T @ wall - floor.T @ floor)
            new = vectors[:, np.argmin(values)]
            down = new if new @ down >= 0 else -new
    return down


def hha(metres):
    cm = 100.0 * metres
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    rays = np.dstack([(x + 1 - CX) / FX, (y + 1 - CY) / FY, np.ones_like(cm)])
    down = gravity(normals(cm, rays, 10))
    points = rays * cm[..., None]
    upright = np.degrees(np.arccos(np.clip(down[1], -1, 1))) <= 0.1
    height = -points @ (np.array([0.0, 1.0, 0.0]) if upright else down)
    lowest = height[cm > 0].min()
    height = height - (-130.0 if lowest > -90.0 else lowest)
    with np.errstate(invalid="ignore"):
        angle = np.degrees(np.arccos(np.clip(normals(cm, rays, 3) @ down, -1, 1)))
    angle[np.isnan(angle)] = 180.0
    out = np.dstack([31000.0 / np.maximum(cm, 100.0), height, angle + 38.0])
    out = np.clip(np.rint(out), 0, 255)
    out[cm == 0] = 0
    return out.astype(int), down


if __name__ == "__main__":
    metres = scene()
    out, down = hha(metres)
    print("down", down)
    print("sums", out.reshape(-1, 3).sum(axis=0).tolist())
    for x, y in [(0, 0), (24, 5), (33, 4), (15, 20), (40, 20), (24, 34), (47, 35), (5, 30), (12, 13), (30, 16)]:
        print(f"(({x}, {y}), {out[y, x].tolist()}),")
