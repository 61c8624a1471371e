// SPDX-License-Identifier: GPL-2.0
/*
 * kill-at COUNT FILE PROGRAM ARGUMENTS: runs a program and kills it with SIGKILL at a moment that does not depend on how
 * fast the machine is: the COUNT-th time that it, or a program it started, is about to make or has just made a system
 * call that others can see. What it started lives on. Then ends by SIGKILL itself. A program that comes to its end before
 * gives its exit code, and FILE the number of such moments; COUNT 0 lets it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define EVENTS (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK)

static void fail(const char *what)
{
	perror(what);
	exit(71);
}

static int is_seen(const struct user_regs_struct *call)
{
	switch (call->orig_rax) {
	case SYS_openat:
		return (call->rdx & (O_WRONLY | O_RDWR | O_CREAT)) != 0;
	case SYS_open:
		return (call->rsi & (O_WRONLY | O_RDWR | O_CREAT)) != 0;
	case SYS_write:
	case SYS_writev:
	case SYS_pwrite64:
	case SYS_ftruncate:
	case SYS_fsync:
	case SYS_flock:
	case SYS_rename:
	case SYS_renameat:
	case SYS_renameat2:
	case SYS_unlink:
	case SYS_unlinkat:
	case SYS_mkdir:
	case SYS_mkdirat:
	case SYS_fork:
	case SYS_vfork:
	case SYS_execve:
	case SYS_exit_group:
		return 1;
	default:
		return 0;
	}
}

static void end_with(pid_t program)
{
	int status;
	pid_t task;

	kill(program, SIGKILL);
	do /* its threads are to be waited for as well, or it never ends */
		task = waitpid(-1, &status, __WALL);
	while (task > 0 ? task != program || WIFSTOPPED(status) : errno == EINTR);
	kill(getpid(), SIGKILL);
}

static void tell(const char *path, long moments)
{
	FILE *file = fopen(path, "w");

	if (!file || fprintf(file, "%ld\n", moments) < 0 || fclose(file))
		fail(path);
}

int main(int count, char **arguments)
{
	long wanted, moments = 0;
	pid_t program;
	int status;

	if (count < 4) {
		fprintf(stderr, "usage: kill-at COUNT FILE PROGRAM ARGUMENTS\n");
		return 64;
	}
	wanted = atol(arguments[1]);
	program = fork();
	if (program < 0)
		fail("fork");
	if (program == 0) {
		raise(SIGSTOP); /* until it is seized */
		execv(arguments[3], arguments + 3);
		fail(arguments[3]);
	}
	if (waitpid(program, &status, WUNTRACED) < 0 || ptrace(PTRACE_SEIZE, program, 0, EVENTS))
		fail("seize");
	kill(program, SIGCONT);
	for (;;) {
		struct user_regs_struct call;
		pid_t task = waitpid(-1, &status, __WALL);
		int signal = 0;

		if (task < 0)
			fail("wait");
		if (task == program && WIFEXITED(status)) {
			tell(arguments[2], moments);
			return WEXITSTATUS(status);
		}
		if (task == program && WIFSIGNALED(status))
			kill(getpid(), WTERMSIG(status));
		if (!WIFSTOPPED(status))
			continue;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			if (!ptrace(PTRACE_GETREGS, task, 0, &call) && is_seen(&call) && ++moments == wanted)
				end_with(program);
		} else if (status >> 16 == 0) {
			signal = WSTOPSIG(status);
		}
		ptrace(PTRACE_SYSCALL, task, 0, signal); /* one that was killed meanwhile is reported as ended */
	}
}
