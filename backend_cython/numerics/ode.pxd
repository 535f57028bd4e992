"""An adaptive Runge–Kutta integrator for a few coupled equations of one cell, inline.

The pair of orders 5 and 4 of Dormand & Prince (1980), A family of embedded Runge-Kutta formulae, J Comput Appl
Math 6:19–26. A step is accepted if its estimated error is below `TOLERANCE` × (scale + |y|) in every variable; a
substep begins with the whole of what is left, so that results depend on nothing but the state.

An integration may end where the first variable reaches a ceiling, as spiking models need it. It takes at most
as many substeps as the caller allows. What is left then, because the equations are too stiff for an explicit
method (a conductance that relaxes the potential within less than about 1e-4 of a time step), is covered by
`COARSE` steps of the linearly implicit Euler method, which sits on the fast equilibrium; a first variable that
runs away faster than time passes has reached its ceiling. Nothing that is not finite is ever accepted.
"""

from libc.math cimport INFINITY, fabs, isfinite, pow

cdef enum:
    MOST_STATES = 8
    COARSE = 64
    SUBSTEPS = 1000            # a good number for a time step

cdef extern from *:
    """
    #define TOLERANCE 1e-10
    """
    const double TOLERANCE


ctypedef void (*Derivatives)(double s, const double* y, double* slope, const void* cell) noexcept nogil


cdef struct Path:
    double s                   # time reached in the step
    double end                 # time to be reached
    int substeps               # still allowed


cdef inline double attempt(Derivatives f, const void* cell, int n, const double* scale, double s, double h,
                           const double* y, double* k, double* result) noexcept nogil:
    """One step of `h` from `y`; returns the error in units of what is tolerated (NaN: hopeless).

    `k` holds the seven slopes one after the other, the first of them given; the last is the slope at the end.
    """
    cdef double* k2 = k + MOST_STATES
    cdef double* k3 = k + 2 * MOST_STATES
    cdef double* k4 = k + 3 * MOST_STATES
    cdef double* k5 = k + 4 * MOST_STATES
    cdef double* k6 = k + 5 * MOST_STATES
    cdef double* k7 = k + 6 * MOST_STATES
    cdef double worst = 0.0, error
    cdef int i
    for i in range(n):
        result[i] = y[i] + h * (1.0 / 5.0) * k[i]
    f(s + h * (1.0 / 5.0), result, k2, cell)
    for i in range(n):
        result[i] = y[i] + h * (3.0 / 40.0 * k[i] + 9.0 / 40.0 * k2[i])
    f(s + h * (3.0 / 10.0), result, k3, cell)
    for i in range(n):
        result[i] = y[i] + h * (44.0 / 45.0 * k[i] - 56.0 / 15.0 * k2[i] + 32.0 / 9.0 * k3[i])
    f(s + h * (4.0 / 5.0), result, k4, cell)
    for i in range(n):
        result[i] = y[i] + h * (19372.0 / 6561.0 * k[i] - 25360.0 / 2187.0 * k2[i] + 64448.0 / 6561.0 * k3[i]
                                - 212.0 / 729.0 * k4[i])
    f(s + h * (8.0 / 9.0), result, k5, cell)
    for i in range(n):
        result[i] = y[i] + h * (9017.0 / 3168.0 * k[i] - 355.0 / 33.0 * k2[i] + 46732.0 / 5247.0 * k3[i]
                                + 49.0 / 176.0 * k4[i] - 5103.0 / 18656.0 * k5[i])
    f(s + h, result, k6, cell)
    for i in range(n):
        result[i] = y[i] + h * (35.0 / 384.0 * k[i] + 500.0 / 1113.0 * k3[i] + 125.0 / 192.0 * k4[i]
                                - 2187.0 / 6784.0 * k5[i] + 11.0 / 84.0 * k6[i])
    f(s + h, result, k7, cell)
    for i in range(n):
        error = fabs(h * (71.0 / 57600.0 * k[i] - 71.0 / 16695.0 * k3[i] + 71.0 / 1920.0 * k4[i]
                          - 17253.0 / 339200.0 * k5[i] + 22.0 / 525.0 * k6[i] - 1.0 / 40.0 * k7[i]))
        error /= TOLERANCE * (scale[i] + fabs(y[i]))
        if not error <= worst:
            worst = error
        if not isfinite(result[i]):
            worst = INFINITY
    return worst


cdef inline double crossing(Derivatives f, const void* cell, int n, const double* scale, double ceiling, double s,
                            double h, const double* y, double* k, double* result) noexcept nogil:
    """The time, at most `h` after `s`, at which the first variable meets its ceiling, and the state there.

    By the method of false position (Illinois), each trial a step of its own from the same start.
    """
    cdef double low = 0.0, high = h, trial = h, below = y[0] - ceiling, above = result[0] - ceiling, miss = above
    cdef int _round, side = 0
    for _round in range(60):
        if fabs(miss) <= TOLERANCE * (scale[0] + fabs(ceiling)) or high - low <= 1e-15 * h:
            break
        trial = low - below * (high - low) / (above - below)
        attempt(f, cell, n, scale, s, trial, y, k, result)
        miss = result[0] - ceiling
        if miss >= 0.0:
            high = trial
            above = miss
            if side == 1:
                below *= 0.5
            side = 1
        else:
            low = trial
            below = miss
            if side == -1:
                above *= 0.5
            side = -1
    return trial


cdef inline bint coast(Derivatives f, const void* cell, int n, const double* scale, double ceiling, Path* path,
                       double* y) noexcept nogil:
    """The rest of the path by linearly implicit Euler steps, (1 − h J) Δy = h f; true if it meets the ceiling.

    f and its Jacobian J are taken at the end of the step, so that a fast variable is where it belongs then.
    """
    cdef double slope[MOST_STATES]
    cdef double moved[MOST_STATES]
    cdef double matrix[MOST_STATES][MOST_STATES + 1]
    cdef double h = (path.end - path.s) / COARSE, nudge, kept, pivot
    cdef int _part, i, j, k, best
    for _part in range(COARSE):
        f(path.s + h, y, slope, cell)
        for j in range(n):
            kept = y[j]
            nudge = 1e-6 * (scale[j] + fabs(kept))
            y[j] += nudge
            f(path.s + h, y, moved, cell)
            y[j] = kept
            for i in range(n):
                matrix[i][j] = (1.0 if i == j else 0.0) - h * (moved[i] - slope[i]) / nudge
        if ceiling < INFINITY and slope[0] > 0.0 and not matrix[0][0] > 0.5:
            y[0] = ceiling
            return True
        for i in range(n):
            matrix[i][n] = h * slope[i]
        path.s += h
        for j in range(n):
            best = j
            for i in range(j + 1, n):
                if fabs(matrix[i][j]) > fabs(matrix[best][j]):
                    best = i
            for k in range(j, n + 1):
                pivot = matrix[best][k]
                matrix[best][k] = matrix[j][k]
                matrix[j][k] = pivot
            for i in range(j + 1, n):
                pivot = matrix[i][j] / matrix[j][j]
                for k in range(j, n + 1):
                    matrix[i][k] -= pivot * matrix[j][k]
        for j in range(n - 1, -1, -1):
            for k in range(j + 1, n):
                matrix[j][n] -= matrix[j][k] * matrix[k][n]
            matrix[j][n] /= matrix[j][j]
            if not isfinite(matrix[j][n]):
                matrix[j][n] = 0.0
        for j in range(n):
            y[j] += matrix[j][n]
        if y[0] >= ceiling:
            y[0] = ceiling
            return True
    path.s = path.end
    return False


cdef inline bint integrate(Derivatives f, const void* cell, int n, const double* scale, double ceiling, Path* path,
                           double* y) noexcept nogil:
    """Take `y` from `path.s` to `path.end`, or to where its first variable reaches `ceiling`: true then.

    Parameters
    ----------
    f : Derivatives
        Writes the slopes of `y` at time s of the step; `cell` is passed on to it.
    n : int
        Number of variables, at most `MOST_STATES`.
    scale : double*
        Size of each variable that counts as small.
    ceiling : double
        INFINITY if there is none.
    path : Path*
        Is brought up to where the integration ended.
    """
    cdef double k[7 * MOST_STATES]
    cdef double result[MOST_STATES]
    cdef double h = path.end - path.s, shortest = 1e-13 * h, error
    cdef int i
    if y[0] >= ceiling:
        return True
    f(path.s, y, k, cell)
    while path.s < path.end:
        if path.substeps <= 0 or h < shortest:
            return coast(f, cell, n, scale, ceiling, path, y)
        path.substeps -= 1
        if h > path.end - path.s:
            h = path.end - path.s
        error = attempt(f, cell, n, scale, path.s, h, y, k, result)
        if not error <= 1.0:
            h *= max(0.1, 0.9 * pow(error, -0.2)) if error < 1e30 else 0.1
            continue
        if result[0] >= ceiling:
            path.s += crossing(f, cell, n, scale, ceiling, path.s, h, y, k, result)
            for i in range(n):
                y[i] = result[i]
            y[0] = ceiling
            return True
        path.s = path.s + h if h < path.end - path.s else path.end
        for i in range(n):
            y[i] = result[i]
            k[i] = k[6 * MOST_STATES + i]
        h *= min(5.0, 0.9 * pow(max(error, 1e-10), -0.2))
    return False
