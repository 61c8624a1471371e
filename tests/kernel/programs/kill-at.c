// SPDX-License-Identifier: GPL-2.0
/*
 * kill-at COUNT FILE PROGRAM ARGUMENTS: runs a program and kills it with SIGKILL at a moment that does not depend on how
 * fast the machine is: the COUNT-th time that it, or a program it started, is about to make or has just made a system
 * call that others can see; what the stand-in library does to its own files is nobody's. What the program started lives
 * on, but for the program itself once more. Then ends by SIGKILL itself. A program that comes to its end before gives its exit code, and FILE the number of such
 * moments; COUNT 0 lets it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK \
		 | PTRACE_O_TRACESECCOMP)
#define OWN_FILES "/run/nvidia-standin/"
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const int seen[] = {
	SYS_open, SYS_openat, SYS_write, SYS_writev, SYS_pwrite64, SYS_ftruncate, SYS_fsync, SYS_flock, SYS_rename,
	SYS_renameat, SYS_renameat2, SYS_unlink, SYS_unlinkat, SYS_mkdir, SYS_mkdirat, SYS_fork, SYS_vfork, SYS_execve,
	SYS_exit_group,
};

static void fail(const char *what)
{
	perror(what);
	exit(71);
}

/* Only the calls above stop a task: all others run as without a tracer. */
static void watch_calls(void)
{
	struct sock_filter filter[COUNT_OF(seen) + 3] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	struct sock_fprog program = { COUNT_OF(filter), filter };
	unsigned int i;

	for (i = 0; i < COUNT_OF(seen); i++)
		filter[1 + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, seen[i], COUNT_OF(seen) - i, 0);
	filter[1 + i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	filter[2 + i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		fail("seccomp");
}

static int is_own_path(pid_t task, unsigned long address)
{
	char text[sizeof(OWN_FILES) - 1];
	struct iovec here = { text, sizeof(text) }, there = { (void *)address, sizeof(text) };

	return process_vm_readv(task, &here, 1, &there, 1, 0) == sizeof(text) && !memcmp(text, OWN_FILES, sizeof(text));
}

static int is_own_file(pid_t task, unsigned long descriptor)
{
	char path[64], target[sizeof(OWN_FILES) - 1];

	snprintf(path, sizeof(path), "/proc/%d/fd/%lu", task, descriptor);
	return readlink(path, target, sizeof(target)) == sizeof(target) && !memcmp(target, OWN_FILES, sizeof(target));
}

static int is_moment(pid_t task, const struct user_regs_struct *call)
{
	switch (call->orig_rax) {
	case SYS_openat:
		return (call->rdx & (O_WRONLY | O_RDWR | O_CREAT)) && !is_own_path(task, call->rsi);
	case SYS_open:
		return (call->rsi & (O_WRONLY | O_RDWR | O_CREAT)) && !is_own_path(task, call->rdi);
	case SYS_write:
	case SYS_writev:
	case SYS_pwrite64:
	case SYS_ftruncate:
	case SYS_fsync:
	case SYS_flock:
		return !is_own_file(task, call->rdi);
	case SYS_rename:
	case SYS_unlink:
		return !is_own_path(task, call->rdi);
	default:
		return 1;
	}
}

static int is_same_program(pid_t one, pid_t other)
{
	char path[64], first[4096], second[4096];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/exe", one);
	length = readlink(path, first, sizeof(first));
	snprintf(path, sizeof(path), "/proc/%d/exe", other);
	return length > 0 && readlink(path, second, sizeof(second)) == length && !memcmp(first, second, length);
}

static void tell(const char *path, long moments)
{
	FILE *file = fopen(path, "w");

	if (!file || fprintf(file, "%ld\n", moments) < 0 || fclose(file))
		fail(path);
}

static pid_t start(char **arguments)
{
	pid_t program = fork();
	int status;

	if (program < 0)
		fail("fork");
	if (program == 0) {
		raise(SIGSTOP); /* until it is seized */
		watch_calls();
		execv(arguments[0], arguments);
		fail(arguments[0]);
	}
	if (waitpid(program, &status, WUNTRACED) < 0 || ptrace(PTRACE_SEIZE, program, 0, OPTIONS))
		fail("seize");
	kill(program, SIGCONT);
	return program;
}

/* Tells the process in front how the program ended, and lets go of what it has in common with its caller. */
static void report(int front, int status)
{
	if (write(front, &status, sizeof(status)) != sizeof(status))
		fail("report");
	close(front);
	close(0);
	close(1);
	close(2);
}

/* Until all tasks have ended: without a tracer the calls that stop them would fail. */
static void trace(pid_t program, long wanted, const char *file, int front)
{
	long moments = 0;
	pid_t task;
	int status;

	while ((task = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		struct user_regs_struct call;
		int signal = 0, is_entry, is_seen = 0;

		if (task == program && !WIFSTOPPED(status)) {
			if (WIFEXITED(status))
				tell(file, moments);
			report(front, status);
			wanted = 0;
			program = 0;
		}
		if (task < 0 || !WIFSTOPPED(status))
			continue;
		is_entry = status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8);
		if (is_entry || WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			is_seen = !ptrace(PTRACE_GETREGS, task, 0, &call) && is_moment(task, &call);
			moments += is_seen;
			if (is_seen && moments == wanted && program) {
				/* The hook's worker is the hook once more: whichever of them makes the call dies with it. */
				if (is_same_program(task, program))
					kill(task, SIGKILL);
				kill(program, SIGKILL);
			}
		} else if (status >> 16 == 0) {
			signal = WSTOPSIG(status);
		}
		/* After the call before which it stopped it stops once more. One killed meanwhile is reported as ended. */
		ptrace(is_entry && is_seen ? PTRACE_SYSCALL : PTRACE_CONT, task, 0, signal);
	}
}

int main(int count, char **arguments)
{
	int front[2], status;

	if (count < 4) {
		fprintf(stderr, "usage: kill-at COUNT FILE PROGRAM ARGUMENTS\n");
		return 64;
	}
	if (pipe2(front, O_CLOEXEC))
		fail("pipe");
	switch (fork()) {
	case -1:
		fail("fork");
		return 71;
	case 0:
		close(front[0]);
		trace(start(arguments + 3), atol(arguments[1]), arguments[2], front[1]);
		return 0;
	}
	close(front[1]);
	if (read(front[0], &status, sizeof(status)) != sizeof(status))
		return 71;
	if (WIFSIGNALED(status))
		kill(getpid(), WTERMSIG(status));
	return WEXITSTATUS(status);
}
