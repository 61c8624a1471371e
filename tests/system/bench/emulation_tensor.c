/* wmma instructions of the emulated kernels: what a warp does together. */
#include "emulation_engine.h"
#include <string.h>

static void wait_for_warp(enum operation operation, const void* memory, unsigned stride, int layout)
{
    struct thread* self = &e.threads[e.running];
    self->operation = operation;
    self->memory = memory;
    self->stride = stride;
    self->layout = layout;
    yield(AT_WARP);
}

void __mma_tf32_m16n16k8_ld_a(int* a, const int* from, unsigned stride, int layout)
{
    e.threads[e.running].to = a;
    wait_for_warp(LOAD_A, from, stride, layout);
}

void __mma_tf32_m16n16k8_ld_b(int* b, const int* from, unsigned stride, int layout)
{
    e.threads[e.running].to = b;
    wait_for_warp(LOAD_B, from, stride, layout);
}

void __mma_tf32_m16n16k8_mma_f32(float* d, const int* a, const int* b, const float* c, int layout, int saturate)
{
    struct thread* self = &e.threads[e.running];
    self->to = d;
    self->a = a;
    self->b = b;
    self->c = c;
    wait_for_warp(MULTIPLY, NULL, (unsigned)saturate, layout);
}

void __mma_m16n16k8_st_c_f32(float* to, const float* d, unsigned stride, int layout)
{
    e.threads[e.running].c = d;
    wait_for_warp(STORE, to, stride, layout);
}

/* Bank conflicts of a fragment distributed as kernels.c assumes it: register r of lane l holds the element (row,
   column). */
static void count_fragment(enum operation operation, const float* from, unsigned stride)
{
    const float* at[LANES];
    for (int r = 0; r < 4; r++)
        for (int half = 0; half < (operation == STORE ? 2 : 1); half++) {
            int lanes = operation == STORE ? LANES / 2 : LANES;
            for (int i = 0; i < lanes; i++) {
                int l = half * 16 + i, g = l / 4, t = l % 4;
                int row = operation == LOAD_A ? g + r % 2 * 8 : operation == LOAD_B ? t + r % 2 * 4 : g + r % 2 * 8;
                int across = r / 2 * 8;
                int column = operation == LOAD_A ? t + r / 2 * 4 : operation == LOAD_B ? g + across : 2 * t + across;
                at[i] = from + row * stride + column;
            }
            count_conflicts(at, lanes, operation == STORE ? 2 : 1);
        }
}

static void load(int warp, int columns, const int* fragment)
{
    struct thread* lanes = &e.threads[warp * LANES];
    const float* from = lanes->memory;
    need_aligned(from, 16);
    if (lanes->stride % 4 != 0)
        fault("wmma.load with a stride of %u floats", lanes->stride);
    for (int i = 0; i < 128; i++) {
        int row = i / columns, column = i % columns;
        const float* at = from + (lanes->layout ? column * lanes->stride + row : row * lanes->stride + column);
        float value = read_word(at, WARP_AS_A_WHOLE + warp);
        memcpy((int*)lanes[fragment[i] / 4].to + fragment[i] % 4, &value, 4);
    }
    if (!lanes->layout)
        count_fragment(lanes->operation, from, lanes->stride);
}

static void store(int warp)
{
    struct thread* lanes = &e.threads[warp * LANES];
    float* to = (float*)lanes->memory;
    need_aligned(to, 32);
    if (lanes->stride % 8 != 0)
        fault("wmma.store with a stride of %u floats", lanes->stride);
    for (int i = 0; i < 256; i++) {
        const float* d = lanes[e.fragment_c[i] / 8].c;
        int row = i / 16, column = i % 16;
        write_word(to + (lanes->layout ? column * lanes->stride + row : row * lanes->stride + column),
            d[e.fragment_c[i] % 8], WARP_AS_A_WHOLE + warp, VALID);
    }
    if (!lanes->layout)
        count_fragment(STORE, to, lanes->stride);
}

static void gather(double* matrix, const struct thread* lanes, int a, const int* fragment)
{
    for (int i = 0; i < 128; i++) {
        const struct thread* lane = &lanes[fragment[i] / 4];
        float value;
        memcpy(&value, (const int*)(a ? lane->a : lane->b) + fragment[i] % 4, 4);
        matrix[i] = truncate_tf32(value);
    }
}

/* d = a b + c; 8 products and the sum before them are added exactly and rounded once. */
static void multiply(int warp)
{
    struct thread* lanes = &e.threads[warp * LANES];
    int layout = lanes->layout;
    if (lanes->stride != 0 || (e.layout_a[warp] >= 0 && e.layout_a[warp] != layout / 2)
        || (e.layout_b[warp] >= 0 && e.layout_b[warp] != layout % 2))
        fault("wmma.mma with layout %d of fragments loaded with %d and %d", layout, e.layout_a[warp], e.layout_b[warp]);
    double a[128], b[128], eight[256] = { 0 };
    gather(a, lanes, 1, e.fragment_a);
    gather(b, lanes, 0, e.fragment_b);
    for (int row = 0; row < 16; row++)
        for (int k = 0; k < 8; k++)
            for (int column = 0; column < 16; column++)
                eight[row * 16 + column] += a[row * 8 + k] * b[k * 16 + column];
    for (int i = 0; i < 256; i++) {
        const struct thread* lane = &lanes[e.fragment_c[i] / 8];
        int element = e.fragment_c[i] % 8;
        ((float*)lane->to)[element] = (float)(((const float*)lane->c)[element] + eight[i]);
    }
}

/* The instruction at which all lanes of a warp wait. */
void perform(int warp)
{
    const struct thread* lanes = &e.threads[warp * LANES];
    for (int i = 1; i < LANES; i++)
        if (lanes[i].operation != lanes->operation || lanes[i].memory != lanes->memory
            || lanes[i].stride != lanes->stride || lanes[i].layout != lanes->layout)
            fault("its lane %d is at another wmma instruction, or with other operands", i);
    switch (lanes->operation) {
    case LOAD_A:
        e.layout_a[warp] = lanes->layout;
        load(warp, 8, e.fragment_a);
        break;
    case LOAD_B:
        e.layout_b[warp] = lanes->layout;
        load(warp, 16, e.fragment_b);
        break;
    case MULTIPLY:
        multiply(warp);
        break;
    default:
        store(warp);
    }
}
