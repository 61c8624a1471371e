/* The value of an element as kernels.c promises it of fill_tf32, written for itself: what tests hold the kernels to. */
#ifndef ELEMENT_H
#define ELEMENT_H

static double element(unsigned seed, unsigned r, unsigned c)
{
    unsigned x = seed ^ (r * 0x9E3779B1u) ^ (c * 0x85EBCA77u);
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    x ^= x >> 16;
    return ((double)(x & 2047) - 1024) / 1024;
}

#endif
