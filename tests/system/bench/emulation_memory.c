/* Shared and global memory of the emulated kernels. */
#include "emulation_engine.h"
#include <string.h>

static struct word* word_at(const float* at)
{
    if (at < emulated_shared || at >= emulated_shared + e.shared_words)
        fault("float %td of shared memory, which has %zu", at - emulated_shared, e.shared_words);
    return &e.words[at - emulated_shared];
}

float read_word(const float* at, int reader)
{
    struct word* word = word_at(at);
    if (word->state != VALID)
        fault("float %td of shared memory is read %s", at - emulated_shared,
            word->state == POISON ? "and nobody wrote it" : "before its copy has arrived");
    if (word->written == e.interval && word->writer != reader)
        fault("float %td of shared memory is read without a barrier after it was written", at - emulated_shared);
    word->reader = word->read == e.interval && word->reader != reader ? MANY : reader;
    word->read = e.interval;
    return *at;
}

void write_word(float* at, float value, int writer, int state)
{
    struct word* word = word_at(at);
    if (word->state == IN_FLIGHT && !(state == VALID && word->writer == writer))
        fault("float %td of shared memory is written while a copy to it is in flight", at - emulated_shared);
    if (word->read == e.interval && word->reader != writer)
        fault("float %td of shared memory is written without a barrier after it was read", at - emulated_shared);
    if (word->written == e.interval && word->writer != writer)
        fault("float %td of shared memory is written twice without a barrier", at - emulated_shared);
    word->state = state;
    word->writer = writer;
    word->written = e.interval;
    *at = value;
}

static void need_global(const void* at, size_t bytes, int writes)
{
    for (int i = 0; i < 3; i++) {
        const struct region* region = &e.regions[i];
        const char *from = at, *end = from + bytes;
        if (region->start && from >= region->start && end <= region->start + region->bytes
            && region->writable >= writes)
            return;
    }
    fault("%zu bytes of global memory are %s outside of the matrices", bytes, writes ? "written" : "read");
}

void need_aligned(const void* at, size_t bytes)
{
    if ((size_t)at % bytes != 0)
        fault("an access of %zu bytes is not aligned", bytes);
}

/* Counts a bank that is wanted for two different words by `lanes` accesses of `width` floats. */
void count_conflicts(const float* const* at, int lanes, int width)
{
    long wanted[32] = { 0 };
    for (int lane = 0; lane < lanes; lane++)
        for (int i = 0; i < width; i++) {
            long word = at[lane] + i - emulated_shared + 1;
            if (wanted[word % 32] != 0 && wanted[word % 32] != word) {
                e.conflicts++;
                return;
            }
            wanted[word % 32] = word;
        }
}

/* The lanes of a warp run one after the other: the last of eight knows where the others were with their access of
   this number. */
static void note_access(const float* at)
{
    struct thread* self = &e.threads[e.running];
    int lane = e.running % LANES, number = self->accesses++ % ACCESSES;
    const float** lanes = e.lanes_at[e.running / LANES][number];
    lanes[lane] = at;
    if (lane % 8 == 7)
        count_conflicts(lanes + lane - 7, 8, 4);
}

void put(float* to, float value)
{
    need_global(to, 4, 1);
    *to = value;
}

void put4(float* to, float4 value)
{
    need_aligned(to, 16);
    need_global(to, 16, 1);
    memcpy(to, &value, 16);
}

void put4_shared(float* to, float4 value)
{
    need_aligned(to, 16);
    note_access(to);
    for (int i = 0; i < 4; i++)
        write_word(to + i, value[i], e.running, VALID);
}

float4 get4_shared(const float* from)
{
    need_aligned(from, 16);
    note_access(from);
    float4 value;
    for (int i = 0; i < 4; i++)
        value[i] = read_word(from + i, e.running);
    return value;
}

void __nvvm_cp_async_cg_shared_global_16(void* to, const void* from)
{
    struct thread* self = &e.threads[e.running];
    float poison = __builtin_nanf("0xdead");
    need_aligned(to, 16);
    need_aligned(from, 16);
    need_global(from, 16, 0);
    note_access(to);
    if (self->copy_count == COPIES)
        fault("%d copies in flight", COPIES);
    for (int i = 0; i < 4; i++)
        write_word((float*)to + i, poison, e.running, IN_FLIGHT);
    self->copies[self->copy_count++] = (struct copy){ to, from, self->group };
}

void __nvvm_cp_async_commit_group(void)
{
    e.threads[e.running].group++;
}

void __nvvm_cp_async_wait_group(int pending)
{
    struct thread* self = &e.threads[e.running];
    int left = 0;
    for (int i = 0; i < self->copy_count; i++) {
        struct copy copy = self->copies[i];
        if (copy.group < self->group - pending) {
            for (int j = 0; j < 4; j++)
                write_word(copy.to + j, copy.from[j], e.running, VALID);
        } else
            self->copies[left++] = copy;
    }
    self->copy_count = left;
}
