"""Rate function of the soma and its learning factor, inline.

phi(u) = phi_max / (1 + k exp(beta (theta - u)))                     Urbanczik & Senn (2014), eq. 3
h(u)   = UNIT_VOLTAGE * phi'(u) / phi(u) = UNIT_VOLTAGE * beta * x / (1 + x),   x = k exp(beta (theta - u))
"""

cdef extern from *:
    """
    #ifndef PYURBANCZIK_EXPONENTIAL
    #define PYURBANCZIK_EXPONENTIAL
    #include <stdint.h>
    #include <string.h>
    /* e^x for |x| <= 1/2, with the smallest relative error that 1 + x and eight terms more can have there, below 7e-13.
       Branch-free, inline and summed in pairs: compilers vectorise the loops around it, and processors work on its
       parts side by side. */
    static inline double short_exponential(double x)
    {
        double x2 = x * x;
        double x4 = x2 * x2;
        return ((1.0 + x) + x2 * (0.49999999994303873 + x * 0.16666666677830502))
               + x4 * ((0.04166666919515408 + x * 0.00833333117477085)
                       + x2 * (0.0013888560974599077 + x * 0.0001984245277132299))
               + x4 * x4 * (2.4964776026800603e-05 + x * 2.741903722454558e-06);
    }

    /* e^x with a relative error below 1e-15: x = k ln2 + r with |r| <= ln2 / 2, and 2^k through the exponent
       bits. Arguments are clamped to the range where neither overflow nor underflow happens. */
    static inline double exponential(double x)
    {
        const double shift = 6755399441055744.0;            /* 1.5 * 2^52: adding it rounds to an integer */
        x = x < -700.0 ? -700.0 : x;
        x = x > 700.0 ? 700.0 : x;
        double k = x * 1.4426950408889634074 + shift;
        int64_t bits;
        memcpy(&bits, &k, sizeof bits);
        k -= shift;
        double r = (x - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10;
        bits = (int64_t) (((uint64_t) bits << 52) + 0x3ff0000000000000ULL);
        double power;
        memcpy(&power, &bits, sizeof power);
        /* likewise, with nine terms more in the range of r */
        double r2 = r * r;
        double r4 = r2 * r2;
        return power * (((1.0 + r) + r2 * (0.49999999999998324 + r * 0.16666666666611518))
                        + r4 * ((0.04166666666813746 + r * 0.008333333370888577)
                                + r2 * (0.0013888888516042496 + r * 0.00019841185208826579))
                        + r4 * r4 * ((2.4801931833064068e-05 + r * 2.7635003237095852e-06)
                                     + r2 * 2.747678222813111e-07));
    }

    /* The paper measures potentials in units in which the rest is 0 and the threshold theta is 1. In mV
       that unit is theta - E_L of the standard neuron, -55 mV - (-70 mV). The rule needs it twice: to make
       the slope of phi dimensionless and to express the PSP in the paper's unit. */
    #define UNIT_VOLTAGE 15.0
    #endif
    """
    double exponential(double x) noexcept nogil
    double short_exponential(double x) noexcept nogil
    const double UNIT_VOLTAGE


cdef inline double odds(double u, double k, double beta, double theta) noexcept nogil:
    """k exp(beta (theta - u)): the odds against firing at the maximal rate."""
    return k * exponential(beta * (theta - u))
