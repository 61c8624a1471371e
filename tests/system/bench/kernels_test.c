/* The kernels of kernels.c, emulated, against references. The exit code says whether all was right; with an argument it
   stops at the first that is not. */
#include "element.h"
#include "emulation.h"
#include "standin.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { SHARED = 71680 };

static int failed, stops;

__attribute__((format(printf, 2, 3))) static void report(const char* problem, const char* what, ...)
{
    va_list arguments;
    va_start(arguments, what);
    printf(problem ? "FAIL kernels: " : "ok   kernels: ");
    vprintf(what, arguments);
    printf(problem ? ": %s\n" : "\n", problem);
    va_end(arguments);
    failed |= problem != NULL;
    if (failed && stops)
        exit(1);
}

static float* matrix(size_t floats)
{
    float* made = aligned_alloc(128, (floats * 4 + 127) / 128 * 128);
    for (size_t i = 0; i < floats; i++)
        made[i] = -12345.0f;
    return made;
}

static const char* check_filled(const float* x, unsigned rows, unsigned columns, unsigned stride, unsigned seed)
{
    for (unsigned r = 0; r < rows; r++)
        for (unsigned c = 0; c < stride; c++) {
            float is = x[(size_t)r * stride + c];
            if (is != (c < columns ? element(seed, r, c) : 0.0))
                return "an element is not the value that it should be";
            if (is != truncate_tf32(is))
                return "an element is no TF32 value";
        }
    return NULL;
}

static const char* filled(float* x, unsigned rows, unsigned columns, unsigned stride, unsigned seed, unsigned blocks)
{
    struct emulation emulation = { seed, 0 };
    const char* problem = emulate_fill(&emulation, blocks, x, rows, columns, stride, seed);
    return problem ? problem : check_filled(x, rows, columns, stride, seed);
}

static void test_fill(void)
{
    static const unsigned cases[][5] = {
        { 1, 1, 1, 1, 0 }, { 5, 9, 12, 1, 7 }, { 5, 9, 12, 7, 7 }, { 3, 4999, 5000, 2, 0xFFFFFFFF },
        { 700, 1, 1, 2, 42 }, { 300, 17, 20, 3, 1 }, { 2, 255, 256, 1, 2 }, { 2, 257, 260, 1, 3 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const unsigned* c = cases[i];
        float* x = matrix((size_t)c[0] * c[2]);
        report(filled(x, c[0], c[1], c[2], c[4], c[3]), "fill_tf32 %u x %u, stride %u, %u blocks", c[0], c[1], c[2],
            c[3]);
        plain_fill(x, c[0], c[1], c[2], c[4]);
        report(check_filled(x, c[0], c[1], c[2], c[4]), "the stand-in's plain loop for it");
        free(x);
    }
}

struct product { int m, n, k, stride_a, stride_b, stride_d; };

static const char* check_product(const struct product* p, const float* a, const float* b, const float* d)
{
    for (int r = 0; r < p->m; r++) {
        for (int c = 0; c < p->n; c++) {
            double sum = 0, size = 0;
            for (int k = 0; k < p->k; k++) {
                double term = (double)a[(size_t)r * p->stride_a + k] * b[(size_t)k * p->stride_b + c];
                sum += term;
                size += fabs(term);
            }
            /* A rounding to 24 bits for each 8 products. */
            if (!(fabs(d[(size_t)r * p->stride_d + c] - sum) <= (p->k / 8 + 1) * 0x1p-24 * size))
                return "an element is not the sum of its products";
        }
        for (int c = p->n; c < p->stride_d; c++)
            if (d[(size_t)r * p->stride_d + c] != -12345.0f)
                return "something was written beside the product";
    }
    return NULL;
}

static const char* check_plain(const struct product* p, const float* a, const float* b, const float* d)
{
    float* plain = matrix((size_t)p->m * p->stride_d);
    plain_gemm(a, b, plain, p->m, p->n, p->k, p->stride_a, p->stride_b, p->stride_d);
    int same = memcmp(plain, d, (size_t)p->m * p->stride_d * 4) == 0;
    free(plain);
    return same ? NULL : "the stand-in's plain loop has another result";
}

static const char* multiplied(const struct product* p, unsigned seed)
{
    float *a = matrix((size_t)p->m * p->stride_a), *b = matrix((size_t)p->k * p->stride_b);
    float* d = matrix((size_t)p->m * p->stride_d);
    const char* problem = filled(a, p->m, p->k, p->stride_a, 1, 3);
    problem = problem ? problem : filled(b, p->k, p->n, p->stride_b, 2, 5);
    /* What lies beside the matrices must not matter. */
    for (int r = 0; seed > 1 && r < p->m; r++)
        for (int c = p->k; c < p->stride_a; c++)
            a[(size_t)r * p->stride_a + c] = 1e30f;
    for (int r = 0; seed > 1 && r < p->k; r++)
        for (int c = p->n; c < p->stride_b; c++)
            b[(size_t)r * p->stride_b + c] = NAN;
    struct emulation emulation = { seed, 0 };
    problem = problem ? problem
        : emulate_gemm(&emulation, a, b, d, p->m, p->n, p->k, p->stride_a, p->stride_b, p->stride_d, SHARED);
    problem = problem ? problem : check_product(p, a, b, d);
    problem = problem ? problem : check_plain(p, a, b, d);
    if (!problem && p->m % 128 == 0 && p->n % 128 == 0 && p->k % 32 == 0 && emulation.conflicts > 0)
        problem = "an access to shared memory has bank conflicts";
    free(a);
    free(b);
    free(d);
    return problem;
}

static int padded(int length, int more) { return (length + 3) / 4 * 4 + more; }

static void test_gemm(int m, int n, int k, int more)
{
    struct product p = { m, n, k, padded(k, more), padded(n, 2 * more), padded(n, more) };
    const char* problem = NULL;
    for (unsigned seed = 1; !problem && seed <= 3; seed++)
        problem = multiplied(&p, seed);
    report(problem, "gemm_tf32 %d x %d x %d, strides %d, %d and %d", m, n, k, p.stride_a, p.stride_b, p.stride_d);
}

static float* far_matrix(long rows, long stride)
{
    void* made = mmap(NULL, (size_t)(rows * stride) * 4, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return made == MAP_FAILED ? NULL : made;
}

/* Rows so far apart that their distances in floats do not fit into 32 bits. */
static void test_far_rows(void)
{
    enum { M = 5, N = 3, K = 10 };
    const long stride = 1L << 30;
    float *a = far_matrix(M, stride), *b = far_matrix(K, stride), *d = far_matrix(M, stride);
    const char* problem = a && b && d ? NULL : "no address space";
    for (int i = 0; !problem && i < M * K; i++)
        a[i / K * stride + i % K] = (float)element(1, i / K, i % K);
    for (int i = 0; !problem && i < K * N; i++)
        b[i / N * stride + i % N] = (float)element(2, i / N, i % N);
    struct emulation emulation = { 1, 0 };
    problem = problem ? problem : emulate_gemm(&emulation, a, b, d, M, N, K, 1 << 30, 1 << 30, 1 << 30, SHARED);
    for (int i = 0; !problem && i < M * N; i++) {
        double sum = 0;
        for (int k = 0; k < K; k++)
            sum += element(1, i / N, k) * element(2, k, i % N);
        problem = d[i / N * stride + i % N] == (float)sum ? NULL : "an element is not the sum of its products";
    }
    report(problem, "gemm_tf32 %d x %d x %d, rows %ld floats apart", M, N, K, stride);
    munmap(a, M * stride * 4);
    munmap(b, K * stride * 4);
    munmap(d, M * stride * 4);
}

/* Inputs that nobody rounded are cut off, as the tensor cores do: that is why they must be TF32 values before. */
static void test_truncation(void)
{
    float *a = matrix(16 * 16), *b = matrix(16 * 16), *d = matrix(16 * 16);
    for (int i = 0; i < 256; i++) {
        a[i] = 1.0f + 0x1p-11f;
        b[i] = 1.0f;
    }
    struct emulation emulation = { 1, 0 };
    const char* problem = emulate_gemm(&emulation, a, b, d, 16, 16, 16, 16, 16, 16, SHARED);
    for (int i = 0; !problem && i < 256; i++)
        problem = d[i] == 16.0f ? NULL : "a mantissa of 11 bits was used";
    report(problem, "inputs are cut off to 10 bits of mantissa");
    free(a);
    free(b);
    free(d);
}

static void test_tensor(unsigned blocks, int iterations)
{
    float* out = matrix(blocks * 256);
    struct emulation emulation = { (unsigned)iterations, 0 };
    const char* problem = emulate_tensor(&emulation, blocks, out, iterations);
    for (unsigned warp = 0; !problem && warp < blocks * 8; warp++) {
        double sum = 0;
        for (int lane = 0; lane < 32; lane++)
            sum += out[warp * 32 + lane];
        problem = sum == 1536.0 + 8.0 * iterations ? NULL : "the floats of a warp have another sum";
    }
    report(problem, "tensor_loop, %u blocks, %d iterations", blocks, iterations);
    free(out);
}

int main(int count, char** arguments)
{
    (void)arguments;
    stops = count > 1;
    static const int squares[] = { 1, 3, 7, 16, 17, 127, 128, 129 };
    test_fill();
    for (size_t i = 0; i < sizeof squares / sizeof *squares; i++)
        test_gemm(squares[i], squares[i], squares[i], 4 * (int)(i % 3));
    test_gemm(200, 136, 72, 0);
    test_gemm(256, 256, 96, 0);
    test_gemm(130, 260, 33, 8);
    test_gemm(129, 1, 31, 0);
    test_gemm(1, 129, 65, 12);
    test_gemm(1290, 140, 5, 0);
    test_far_rows();
    test_truncation();
    test_tensor(3, 0);
    test_tensor(1, 1);
    test_tensor(2, 7);
    test_tensor(1, 1000);
    return failed;
}
