/*
 * Runs a program under a seccomp filter that answers io_uring_setup(2), io_uring_enter(2) and io_uring_register(2) by
 * EPERM, as the default profiles of container runtimes do, or by the ANSWER that it is compiled with.
 *
 *   deny-io-uring program [argument ...]
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef ANSWER
#define ANSWER EPERM
#endif

#ifndef __NR_io_uring_setup
#define __NR_io_uring_setup 425
#define __NR_io_uring_enter 426
#define __NR_io_uring_register 427
#endif

int main(int argc, char **argv) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_setup, 3, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_enter, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_register, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ANSWER),
  };
  struct sock_fprog filter = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

  if (argc < 2) {
    fprintf(stderr, "usage: deny-io-uring program [argument ...]\n");
    return 2;
  }
  /* An ordinary user may install a filter only with this. */
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
    perror("deny-io-uring: prctl");
    return 126;
  }
  execvp(argv[1], argv + 1);
  perror("deny-io-uring: exec");
  return 127;
}
