/* A driver's library whose first call hangs in the kernel: a process that waits for its vfork child sleeps
   uninterruptibly (state D) until the child ends, and no signal but SIGKILL ends that. */
#define _GNU_SOURCE
#include <unistd.h>

int nvmlInit_v2(void)
{
    if (access("/run/test/hang", F_OK) == 0) {
        pid_t child = vfork();
        if (child == 0) {
            while (access("/run/test/hang", F_OK) == 0)
                usleep(20000);
            _exit(0);
        }
    }

    return access("/run/test/works", F_OK) == 0 ? 0 : 9; /* NVML_ERROR_DRIVER_NOT_LOADED */
}

int nvmlShutdown(void) { return 0; }
