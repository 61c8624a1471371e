/* The kernels of vgpu-bench. `compile` beside this file makes kernels.ptx of it with Debian 12's clang-14;
   tests/system/bench compiles the same text for x86-64, with functions of emulated.h in place of the compiler's
   builtins.

   Matrices are row-major, strides are in floats and multiples of 4, base pointers are aligned to 16 bytes. A block
   has 256 threads, that is 8 warps. gemm_tf32 does not round its inputs: they are TF32 values already, as fill_tf32
   writes them (the tensor cores ignore the lower 13 bits of a mantissa). */
#ifdef EMULATED
#include "emulated.h"
#else
#define DEVICE static inline __attribute__((device, always_inline))
#define KERNEL extern "C" __attribute__((global, launch_bounds(256, 2))) void
#define TO_SHARED(pointer) ((__attribute__((address_space(3))) void*)(pointer))
#define TO_GLOBAL(pointer) ((__attribute__((address_space(1))) const void*)(pointer))
typedef float float4 __attribute__((vector_size(16)));
extern __attribute__((shared, aligned(128))) float tile[];
DEVICE void put(float* to, float value) { *to = value; }
DEVICE void put4(float* to, float4 value) { *(float4*)to = value; }
DEVICE void put4_shared(float* to, float4 value) { *(float4*)to = value; }
DEVICE float4 get4_shared(const float* from) { return *(const float4*)from; }
#endif

DEVICE unsigned hash32(unsigned x)
{
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    x ^= x >> 16;
    return x;
}

/* 11 significant bits at most: exact in TF32, which has 10 bits of mantissa and the hidden one. */
DEVICE float value(unsigned seed, unsigned row, unsigned column)
{
    unsigned hash = hash32(seed ^ (row * 0x9E3779B1u) ^ (column * 0x85EBCA77u));
    return (float)((int)(hash & 2047u) - 1024) / 1024.0f;
}

/* Element (r, c) = value(seed, r, c); zero from `columns` to `stride`. Any grid; every thread goes on by the number of
   all threads, in rows and columns, so that it divides only once. */
KERNEL fill_tf32(float* x, unsigned rows, unsigned columns, unsigned stride, unsigned seed)
{
    unsigned long threads = (unsigned long)__nvvm_read_ptx_sreg_nctaid_x() * __nvvm_read_ptx_sreg_ntid_x();
    unsigned long first = (unsigned long)__nvvm_read_ptx_sreg_ctaid_x() * __nvvm_read_ptx_sreg_ntid_x()
        + __nvvm_read_ptx_sreg_tid_x();
    unsigned long row = first / stride, row_step = threads / stride;
    unsigned column = (unsigned)(first % stride), column_step = (unsigned)(threads % stride);
    while (row < rows) {
        put(x + row * stride + column, column < columns ? value(seed, (unsigned)row, column) : 0.0f);
        row += row_step;
        if (column >= stride - column_step) {
            column -= stride - column_step;
            row++;
        } else
            column += column_step;
    }
}

/* A block makes 128 x 128 of d from slices 32 deep of a (128 x 32) and b (32 x 128); a warp makes 64 x 32 of it as
   4 x 2 products of 16 x 16 x 8. The next slice is copied while this one is multiplied (two stages).

   Rows in shared memory are padded so that no access has two words of one bank (32 banks of 4 bytes), for fragments
   distributed as the tensor instruction of this size wants them: lane l holds a[l / 4][l % 4] and those 8 rows below
   and 4 columns beside it, b[l % 4][l / 4] and those 4 rows below, and of d pairs d[l / 4][2 (l % 4)] (assumed: the
   format of wmma fragments is not documented).
     a: 36 floats a row: 36 (l / 4) + l % 4 mod 32 = 4 (l / 4) + l % 4: all 32 banks.
     b: 136 floats a row: 136 (l % 4) + l / 4 mod 32 = 8 (l % 4) + l / 4: all 32 banks.
     d: 136 floats a row, words of 8 bytes by half warps: 8 (l / 4) + 2 (l % 4) and + 1, l / 4 in 0..3 or 4..7: all.
   Copies of 16 bytes go by quarter warps: 8 lanes write 128 bytes of one row. Every row and every fragment starts at
   a multiple of what a lane holds of it (16 bytes of a and b, 32 of d), as wmma.load and wmma.store want it (PTX ISA,
   Matrix Storage for WMMA).

   Registers that live in the inner loop: at most 130 words in the PTX, 64 of d, 16 of a and 8 of b among them; 10 of
   the others hold parameters and constants, which instructions can name themselves, and 12 addresses in shared memory,
   for which 6 would do. Two blocks of 256 threads leave 128 for a thread. (Counted in the PTX; not assembled.) */
#define TILE 128
#define DEPTH 32
#define LEAD_A 36
#define LEAD_B 136
#define LEAD_D 136
#define SIZE_A (TILE * LEAD_A)
#define STAGE (SIZE_A + DEPTH * LEAD_B)
#define GEMM_SHARED 71680
_Static_assert(GEMM_SHARED == 2 * STAGE * sizeof(float), "compile writes GEMM_SHARED into kernels.ptx");
_Static_assert(GEMM_SHARED >= TILE * LEAD_D * sizeof(float), "d is collected where the slices were");
/* Blocks of one group of rows run one after the other, so that what they read of a and b stays in the cache. */
#define GROUP 8

/* What a thread copies of each slice: 4 pieces of 16 bytes of a, 32 rows apart, and 4 of b, 8 rows apart. */
typedef struct {
    const float *a[4], *b;
    long step_b;
    float *to_a, *to_b;
    /* The column of a, and the first row of b, within the slice. */
    int column_a, row_b;
} copies;

DEVICE void copy16(float* to, const float* from)
{
    __nvvm_cp_async_cg_shared_global_16(TO_SHARED(to), TO_GLOBAL(from));
}

DEVICE void copy16_or_zero(float* to, const float* from, int inside)
{
    if (inside)
        copy16(to, from);
    else
        put4_shared(to, (float4){ 0, 0, 0, 0 });
}

/* Starts to copy the next slice, of which `depth` columns of a and rows of b are left; what is beyond them becomes
   zero. */
DEVICE void copy_slice(copies* c, int stage, int depth)
{
    float *to_a = c->to_a + stage, *to_b = c->to_b + stage;
    if (depth >= DEPTH) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            copy16(to_a + i * 32 * LEAD_A, c->a[i]);
            copy16(to_b + i * 8 * LEAD_B, c->b);
            c->a[i] += DEPTH;
            c->b += c->step_b;
        }
    } else {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            copy16_or_zero(to_a + i * 32 * LEAD_A, c->a[i], c->column_a < depth);
            copy16_or_zero(to_b + i * 8 * LEAD_B, c->b, c->row_b < depth - i * 8);
            c->b += c->step_b;
        }
    }
    __nvvm_cp_async_commit_group();
}

DEVICE void multiply_slice(float d[4][2][8], const int* from_a, const int* from_b)
{
#pragma unroll
    for (int k = 0; k < DEPTH; k += 8) {
        int a[4][4], b[2][4];
#pragma unroll
        for (int i = 0; i < 4; i++)
            __mma_tf32_m16n16k8_ld_a(a[i], from_a + i * 16 * LEAD_A + k, LEAD_A, 0);
#pragma unroll
        for (int j = 0; j < 2; j++)
            __mma_tf32_m16n16k8_ld_b(b[j], from_b + k * LEAD_B + j * 16, LEAD_B, 0);
#pragma unroll
        for (int i = 0; i < 4; i++)
#pragma unroll
            for (int j = 0; j < 2; j++)
                __mma_tf32_m16n16k8_mma_f32(d[i][j], a[i], b[j], d[i][j], 0, 0);
    }
}

/* The same value, of which the compiler knows nothing: what is made of it is made where it stands, and takes no
   registers in a loop before. */
DEVICE int anew(int value)
{
    __asm__ volatile("" : "+r"(value));
    return value;
}

/* Writes the block's part of d, collected in shared memory, row by row; nothing outside of m x n. */
DEVICE void write_tile(int thread, float* d, long stride, int rows, int columns)
{
    int column = thread % 32 * 4;
#pragma unroll
    for (int i = 0; i < TILE / 8; i++) {
        int row = thread / 32 + i * 8;
        if (row >= rows || column >= columns)
            continue;
        float4 four = get4_shared(tile + row * LEAD_D + column);
        float* to = d + row * stride + column;
        if (column + 4 <= columns)
            put4(to, four);
        else {
            put(to, four[0]);
            if (column + 1 < columns)
                put(to + 1, four[1]);
            if (column + 2 < columns)
                put(to + 2, four[2]);
        }
    }
}

/* d = a b. Grid: n / 128 rounded up, m / 128 rounded up. Nothing is read beyond the rows of a and b; of their columns
   the rest of the last four is, which lies within the stride and, in a, must not hold infinities. Rows of a beyond m
   and columns of b beyond n would make only what is not written of d: the last ones are read in their place. */
KERNEL gemm_tf32(const float* a, const float* b, float* d, int m, int n, int k, int strideA, int strideB, int strideD)
{
    int thread = __nvvm_read_ptx_sreg_tid_x();
    unsigned grid_rows = __nvvm_read_ptx_sreg_nctaid_y(), grid_columns = __nvvm_read_ptx_sreg_nctaid_x();
    unsigned block = __nvvm_read_ptx_sreg_ctaid_y() * grid_columns + __nvvm_read_ptx_sreg_ctaid_x();
    unsigned group = block / (GROUP * grid_columns), in_group = block % (GROUP * grid_columns);
    unsigned rows_left = grid_rows - group * GROUP, group_rows = rows_left < GROUP ? rows_left : GROUP;
    int first_row = (int)(group * GROUP + in_group % group_rows) * TILE;
    int first_column = (int)(in_group / group_rows) * TILE;

    int warp_row = thread / 128 * 64, warp_column = thread / 32 % 4 * 32;
    const int* from_a = (const int*)(tile + warp_row * LEAD_A);
    const int* from_b = (const int*)(tile + SIZE_A + warp_column);

    copies copies;
    copies.column_a = thread % 8 * 4;
    copies.row_b = thread / 32;
    copies.to_a = tile + thread / 8 * LEAD_A + copies.column_a;
    copies.to_b = tile + SIZE_A + copies.row_b * LEAD_B + thread % 32 * 4;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        int row = first_row + thread / 8 + i * 32;
        copies.a[i] = a + (long)(row < m ? row : m - 1) * strideA + copies.column_a;
    }
    int column = first_column + thread % 32 * 4;
    copies.b = b + (long)copies.row_b * strideB + (column < n ? column : (n - 1) & ~3);
    copies.step_b = 8L * strideB;

    float sum[4][2][8];
#pragma unroll
    for (int i = 0; i < 4; i++)
#pragma unroll
        for (int j = 0; j < 2; j++)
#pragma unroll
            for (int e = 0; e < 8; e++)
                sum[i][j][e] = 0.0f;

    copy_slice(&copies, 0, k);
    int stage = 0;
    for (int left = k; left > 0; left -= DEPTH) {
        /* This slice has come, for all threads; and all have multiplied the one before it, whose place is free. */
        __nvvm_cp_async_wait_group(0);
        __nvvm_bar_sync(0);
        if (left > DEPTH)
            copy_slice(&copies, STAGE - stage, left - DEPTH);
        multiply_slice(sum, from_a + stage, from_b + stage);
        stage = STAGE - stage;
    }

    thread = anew(thread);
    first_row = anew(first_row);
    first_column = anew(first_column);
    warp_row = thread / 128 * 64;
    warp_column = thread / 32 % 4 * 32;
    __nvvm_bar_sync(0);
#pragma unroll
    for (int i = 0; i < 4; i++)
#pragma unroll
        for (int j = 0; j < 2; j++)
            __mma_m16n16k8_st_c_f32(tile + (warp_row + i * 16) * LEAD_D + warp_column + j * 16, sum[i][j], LEAD_D, 0);
    __nvvm_bar_sync(0);
    write_tile(thread, d + (long)first_row * strideD + first_column, strideD, m - first_row, n - first_column);
}

/* Each warp adds `iterations` times the same product of 16 x 16 x 8 to four sums, which start at 0, 1, 2 and 3; a
   thread writes the total of what it holds of them. The elements of a are (p - 63) / 64 for p = 0..127 and add up to
   1, those of b are 1/8: whatever lane holds which element, the 32 floats of a warp add up to 1536 + 8 iterations.
   Exactly so up to 1000 iterations; later sums are rounded. Any grid. */
KERNEL tensor_loop(float* out, int iterations)
{
    int thread = __nvvm_read_ptx_sreg_tid_x();
    int a[4], b[4];
    float sum[4][8];
#pragma unroll
    for (int e = 0; e < 4; e++) {
        union { float f; int i; } element;
        element.f = (float)(((thread % 32 * 4 + e) * 37 & 127) - 63) / 64.0f;
        a[e] = element.i;
        element.f = 0.125f;
        b[e] = element.i;
    }
#pragma unroll
    for (int i = 0; i < 4; i++)
#pragma unroll
        for (int e = 0; e < 8; e++)
            sum[i][e] = (float)i;
#pragma unroll 4
    for (int done = 0; done < iterations; done++)
#pragma unroll
        for (int i = 0; i < 4; i++)
            __mma_tf32_m16n16k8_mma_f32(sum[i], a, b, sum[i], 0, 0);
    float total = 0.0f;
#pragma unroll
    for (int i = 0; i < 4; i++)
#pragma unroll
        for (int e = 0; e < 8; e++)
            total += sum[i][e];
    put(out + (long)__nvvm_read_ptx_sreg_ctaid_x() * __nvvm_read_ptx_sreg_ntid_x() + thread, total);
}
