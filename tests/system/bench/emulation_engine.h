/* What the parts of the emulation share: emulation.c (threads), emulation_memory.c and emulation_tensor.c. */
#ifndef EMULATION_ENGINE_H
#define EMULATION_ENGINE_H
#include "emulated.h"
#include "emulation.h"
#include <setjmp.h>
#include <stddef.h>

enum { THREADS = 256, LANES = 32, WARPS = THREADS / LANES, STACK = 1 << 17 };
enum { COPIES = 64, WORDS = 1 << 16, ACCESSES = 128 };
enum wait { READY, AT_BARRIER, AT_WARP, ENDED };
enum operation { LOAD_A, LOAD_B, MULTIPLY, STORE };
enum { MANY = -2, NOBODY = -1, WARP_AS_A_WHOLE = THREADS };

struct copy { float* to; const float* from; int group; };

struct thread {
    jmp_buf context;
    enum wait wait;
    /* The instruction of its warp at which it waits. */
    enum operation operation;
    const void* memory;
    unsigned stride;
    int layout;
    void* to;
    const void *a, *b, *c;
    struct copy copies[COPIES];
    int copy_count, group;
    int accesses;
};

struct word { enum { POISON, IN_FLIGHT, VALID } state; int writer, reader; unsigned written, read; };
struct region { const char* start; size_t bytes; int writable; };

struct engine {
    struct thread threads[THREADS];
    struct word words[WORDS];
    const float* lanes_at[WARPS][ACCESSES][LANES];
    int fragment_a[128], fragment_b[128], fragment_c[256];
    int layout_a[WARPS], layout_b[WARPS];
    struct region regions[3];
    void (*kernel)(const void*);
    const void* arguments;
    unsigned block_x, block_y, grid_x, grid_y, interval, random;
    size_t shared_words;
    long conflicts;
    int running;
    int created;
    jmp_buf scheduler;
    char problem[200];
};
extern struct engine e;


/* Stops the launch: the text is what emulate_... returns. */
__attribute__((noreturn, format(printf, 1, 2))) void fault(const char* format, ...);
/* The running thread waits, and others go on. */
void yield(enum wait wait);
/* The wmma instruction at which all lanes of a warp wait. */
void perform(int warp);

float read_word(const float* at, int reader);
void write_word(float* at, float value, int writer, int state);
void need_aligned(const void* at, size_t bytes);
void count_conflicts(const float* const* at, int lanes, int width);
#endif
