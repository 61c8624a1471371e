/* The threads of a block as coroutines on one processor, a block after the other.

   A warp runs until all of its lanes wait at the block's barrier, then the next one does; the order of warps is drawn
   anew for every interval between barriers. wmma instructions wait for all 32 lanes of the warp and must be the same
   in each. Which lane holds which element of a fragment is drawn for every launch: a kernel cannot rely on it.

   A copy by cp.async arrives when its thread waits for its group, not before; until then its target is poison, and so
   is shared memory that nobody wrote. For each word of shared memory the last writer and reader are kept: a word that
   one thread writes and another one reads or writes without a barrier between is a race. wmma.load and wmma.store
   count as accesses of the warp as a whole. Global accesses must lie within the matrices of the launch; 16-byte ones
   must be aligned. */
#include "emulation_engine.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

float* emulated_shared;
struct engine e;

static char* stacks;
static ucontext_t starting;

void fault(const char* format, ...)
{
    int length = snprintf(e.problem, sizeof e.problem, "block %u,%u thread %d: ", e.block_x, e.block_y, e.running);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(e.problem + length, sizeof e.problem - length, format, arguments);
    va_end(arguments);
    _longjmp(e.scheduler, 2);
}

static unsigned draw(unsigned below)
{
    e.random = e.random * 1664525u + 1013904223u;
    return (unsigned)((unsigned long long)(e.random >> 8) * below >> 24);
}

static void shuffle(int* items, int count)
{
    for (int i = 0; i < count; i++)
        items[i] = i;
    for (int i = count - 1; i > 0; i--) {
        int j = (int)draw(i + 1), other = items[j];
        items[j] = items[i];
        items[i] = other;
    }
}

void yield(enum wait wait)
{
    struct thread* self = &e.threads[e.running];
    self->wait = wait;
    if (_setjmp(self->context) == 0)
        _longjmp(e.scheduler, 1);
}

static void thread_body(void)
{
    for (;;) {
        e.kernel(e.arguments);
        if (e.threads[e.running].copy_count > 0)
            fault("ends with copies in flight");
        yield(ENDED);
    }
}

/* Runs a thread until it waits. False: something is wrong. */
static int resume(int thread)
{
    e.running = thread;
    int came_back = _setjmp(e.scheduler);
    if (came_back)
        return came_back == 1;
    if (e.created > thread)
        _longjmp(e.threads[thread].context, 1);
    e.created = thread + 1;
    getcontext(&starting);
    starting.uc_stack.ss_sp = stacks + (size_t)thread * STACK;
    starting.uc_stack.ss_size = STACK;
    starting.uc_link = NULL;
    makecontext(&starting, thread_body, 0);
    setcontext(&starting);
    abort();
}

static int perform_together(int warp, int lanes)
{
    e.running = warp * LANES;
    if (_setjmp(e.scheduler))
        return 0;
    if (lanes < LANES)
        fault("%d lanes of its warp are at a wmma instruction and %d are not", lanes, LANES - lanes);
    perform(warp);
    return 1;
}

/* Runs a warp until all of its lanes wait at the barrier or have ended. */
static int run_warp(int warp)
{
    struct thread* lanes = &e.threads[warp * LANES];
    for (;;) {
        int at_warp = 0;
        for (int lane = 0; lane < LANES; lane++) {
            if (lanes[lane].wait == READY && !resume(warp * LANES + lane))
                return 0;
            at_warp += lanes[lane].wait == AT_WARP;
        }
        if (at_warp == 0)
            return 1;
        if (!perform_together(warp, at_warp))
            return 0;
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane].wait = READY;
    }
}

static int run_block(void)
{
    for (size_t i = 0; i < e.shared_words; i++) {
        e.words[i] = (struct word){ POISON, NOBODY, NOBODY, 0, 0 };
        ((unsigned*)emulated_shared)[i] = 0x7FC0DEAD;
    }
    e.interval = 1;
    for (int i = 0; i < WARPS; i++)
        e.layout_a[i] = e.layout_b[i] = -1;
    for (int i = 0; i < THREADS; i++) {
        e.threads[i].wait = READY;
        e.threads[i].copy_count = e.threads[i].group = e.threads[i].accesses = 0;
    }
    for (;;) {
        int order[WARPS], ended = 0;
        shuffle(order, WARPS);
        /* The first time in order: a thread is created when it first runs. */
        for (int i = 0; i < WARPS; i++)
            if (!run_warp(e.created < THREADS ? i : order[i]))
                return 0;
        for (int i = 0; i < THREADS; i++)
            ended += e.threads[i].wait == ENDED;
        if (ended == THREADS)
            return 1;
        if (ended > 0) {
            snprintf(e.problem, sizeof e.problem, "%d threads have ended and %d wait at a barrier", ended,
                THREADS - ended);
            return 0;
        }
        e.interval++;
        for (int i = 0; i < THREADS; i++) {
            e.threads[i].wait = READY;
            e.threads[i].accesses = 0;
        }
    }
}

static const char* run(struct emulation* emulation, unsigned grid_x, unsigned grid_y, size_t shared_bytes)
{
    if (!stacks)
        stacks = mmap(NULL, (size_t)THREADS * STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stacks == MAP_FAILED || shared_bytes / 4 > WORDS)
        abort();
    /* Guarded by the words' own bounds; aligned as the widest access wants it. */
    emulated_shared = aligned_alloc(128, WORDS * 4);
    e.shared_words = shared_bytes / 4;
    e.grid_x = grid_x;
    e.grid_y = grid_y;
    e.random = emulation->seed;
    e.conflicts = 0;
    shuffle(e.fragment_a, 128);
    shuffle(e.fragment_b, 128);
    shuffle(e.fragment_c, 256);
    int right = 1;
    for (e.block_y = 0; right && e.block_y < grid_y; e.block_y++)
        for (e.block_x = 0; right && e.block_x < grid_x; e.block_x += right)
            right = run_block();
    free(emulated_shared);
    emulation->conflicts = e.conflicts;
    if (!right)
        e.created = 0;
    return right ? NULL : e.problem;
}

int __nvvm_read_ptx_sreg_tid_x(void) { return e.running; }
int __nvvm_read_ptx_sreg_ntid_x(void) { return THREADS; }
int __nvvm_read_ptx_sreg_ctaid_x(void) { return (int)e.block_x; }
int __nvvm_read_ptx_sreg_ctaid_y(void) { return (int)e.block_y; }
int __nvvm_read_ptx_sreg_nctaid_x(void) { return (int)e.grid_x; }
int __nvvm_read_ptx_sreg_nctaid_y(void) { return (int)e.grid_y; }

void __nvvm_bar_sync(int barrier)
{
    if (barrier != 0)
        fault("barrier %d", barrier);
    yield(AT_BARRIER);
}

struct fill { float* x; unsigned rows, columns, stride, seed; };
struct gemm { const float *a, *b; float* d; int m, n, k, stride_a, stride_b, stride_d; };
struct tensor { float* out; int iterations; };

static void run_fill(const void* of)
{
    const struct fill* f = of;
    fill_tf32(f->x, f->rows, f->columns, f->stride, f->seed);
}

static void run_gemm(const void* of)
{
    const struct gemm* g = of;
    gemm_tf32(g->a, g->b, g->d, g->m, g->n, g->k, g->stride_a, g->stride_b, g->stride_d);
}

static void run_tensor(const void* of)
{
    const struct tensor* t = of;
    tensor_loop(t->out, t->iterations);
}

static void prepare(void (*kernel)(const void*), const void* arguments, struct region x, struct region y,
    struct region z)
{
    e.kernel = kernel;
    e.arguments = arguments;
    e.regions[0] = x;
    e.regions[1] = y;
    e.regions[2] = z;
}

static struct region region_of(const void* start, size_t floats, int writable)
{
    return (struct region){ start, floats * 4, writable };
}

const char* emulate_fill(struct emulation* emulation, unsigned blocks, float* x, unsigned rows, unsigned columns,
    unsigned stride, unsigned seed)
{
    struct fill arguments = { x, rows, columns, stride, seed };
    prepare(run_fill, &arguments, region_of(x, (size_t)rows * stride, 1), (struct region){ 0 }, (struct region){ 0 });
    return run(emulation, blocks, 1, 0);
}

const char* emulate_gemm(struct emulation* emulation, const float* a, const float* b, float* d, int m, int n, int k,
    int stride_a, int stride_b, int stride_d, unsigned shared_bytes)
{
    struct gemm arguments = { a, b, d, m, n, k, stride_a, stride_b, stride_d };
    prepare(run_gemm, &arguments, region_of(a, (size_t)m * stride_a, 0), region_of(b, (size_t)k * stride_b, 0),
        region_of(d, (size_t)m * stride_d, 1));
    return run(emulation, (unsigned)(n + 127) / 128, (unsigned)(m + 127) / 128, shared_bytes);
}

const char* emulate_tensor(struct emulation* emulation, unsigned blocks, float* out, int iterations)
{
    struct tensor arguments = { out, iterations };
    prepare(run_tensor, &arguments, region_of(out, (size_t)blocks * THREADS, 1), (struct region){ 0 },
        (struct region){ 0 });
    return run(emulation, blocks, 1, 0);
}
