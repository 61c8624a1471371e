/* What the kernels of kernels.ptx do, as plain loops over all processors: for products that would take the emulation
   minutes. Sums are rounded where the emulated tensor cores round them, after every 8 products, so that both give the
   same bits. */
#include "emulation.h"
#include "standin.h"
#include <pthread.h>
#include <string.h>
#include <unistd.h>

float truncate_tf32(float value)
{
    unsigned bits;
    memcpy(&bits, &value, 4);
    bits &= 0xFFFFE000u;
    memcpy(&value, &bits, 4);
    return value;
}

/* Runs work(argument, 0..pieces-1), each piece once, on all processors. */
struct crew {
    void (*work)(void*, long);
    void* argument;
    long pieces, next;
};

static void* crew_member(void* of)
{
    struct crew* crew = of;
    for (long piece; (piece = __atomic_fetch_add(&crew->next, 1, __ATOMIC_RELAXED)) < crew->pieces;)
        crew->work(crew->argument, piece);
    return NULL;
}

static void on_all_processors(void (*work)(void*, long), void* argument, long pieces)
{
    enum { MOST = 16 };
    struct crew crew = { work, argument, pieces, 0 };
    pthread_t threads[MOST];
    long count = sysconf(_SC_NPROCESSORS_ONLN) - 1, started = 0;
    for (; started < count && started < MOST && started + 1 < pieces; started++)
        if (pthread_create(&threads[started], NULL, crew_member, &crew) != 0)
            break;
    crew_member(&crew);
    while (started > 0)
        pthread_join(threads[--started], NULL);
}

static float fill_value(unsigned seed, unsigned row, unsigned column)
{
    unsigned h = seed ^ (row * 0x9E3779B1u) ^ (column * 0x85EBCA77u);
    h = (h ^ h >> 16) * 0x7feb352du;
    h = (h ^ h >> 15) * 0x846ca68bu;
    h ^= h >> 16;
    return (float)((int)(h % 2048) - 1024) * 0x1p-10f;
}

struct fill { float* x; unsigned columns, stride, seed; };

static void fill_row(void* of, long row)
{
    struct fill* fill = of;
    for (unsigned c = 0; c < fill->stride; c++)
        fill->x[row * fill->stride + c] = c < fill->columns ? fill_value(fill->seed, (unsigned)row, c) : 0.0f;
}

void plain_fill(float* x, unsigned rows, unsigned columns, unsigned stride, unsigned seed)
{
    struct fill fill = { x, columns, stride, seed };
    on_all_processors(fill_row, &fill, rows);
}

struct gemm {
    const float *a, *b;
    float* d;
    int m, n, k;
    long stride_a, stride_b, stride_d;
};

enum { ROWS = 4, COLUMNS = 256 };

/* Four rows of d and 256 columns: what is read of b serves four rows. */
static void gemm_part(const struct gemm* g, int row, int column, int rows, int columns)
{
    float sum[ROWS][COLUMNS] = { 0 };
    double eight[ROWS][COLUMNS];
    for (int k = 0; k < g->k; k += 8) {
        memset(eight, 0, sizeof eight);
        for (int kk = k; kk < k + 8 && kk < g->k; kk++) {
            double b[COLUMNS];
            const float* from = g->b + kk * g->stride_b + column;
            for (int j = 0; j < columns; j++)
                b[j] = (double)truncate_tf32(from[j]);
            for (int i = 0; i < rows; i++) {
                double a = truncate_tf32(g->a[(row + i) * g->stride_a + kk]);
                for (int j = 0; j < columns; j++)
                    eight[i][j] += a * b[j];
            }
        }
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                sum[i][j] = (float)(sum[i][j] + eight[i][j]);
    }
    for (int i = 0; i < rows; i++)
        memcpy(g->d + (row + i) * g->stride_d + column, sum[i], columns * sizeof(float));
}

static void gemm_rows(void* of, long piece)
{
    const struct gemm* g = of;
    int row = (int)piece * ROWS, rows = g->m - row < ROWS ? g->m - row : ROWS;
    for (int column = 0; column < g->n; column += COLUMNS)
        gemm_part(g, row, column, rows, g->n - column < COLUMNS ? g->n - column : COLUMNS);
}

void plain_gemm(const float* a, const float* b, float* d, int m, int n, int k, int stride_a, int stride_b, int stride_d)
{
    struct gemm gemm = { a, b, d, m, n, k, stride_a, stride_b, stride_d };
    on_all_processors(gemm_rows, &gemm, (m + ROWS - 1) / ROWS);
}
