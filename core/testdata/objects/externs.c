/* Symbols the object does not define: kernel configuration, kernel variables and functions, plain externs. */
#include "bpf.h"

#define __kconfig __attribute__((section(".kconfig")))
#define __ksym __attribute__((section(".ksyms")))

extern int CONFIG_HZ __kconfig;
extern __u64 CONFIG_MISSING __kconfig WEAK;
extern const int runqueues __ksym;
extern const int absent_variable __ksym WEAK;
extern int kernel_function(int x) __ksym;
extern int absent_function(int x) __ksym WEAK;
extern int sqrti(int x);

SEC("xdp") int strong_kconfig(void *context) { return CONFIG_HZ; }

SEC("xdp") int weak_kconfig(void *context) { return CONFIG_MISSING ? 1 : 2; }

SEC("xdp") int strong_ksym(void *context) { return *(volatile int *)&runqueues; }

SEC("xdp") int weak_ksym(void *context) { return &absent_variable ? 1 : 2; }

SEC("xdp") int strong_kfunc(void *context) { return kernel_function(3); }

SEC("xdp") int weak_kfunc(void *context) { return absent_function ? absent_function(3) : 2; }

SEC("filter") int named_helper(void *context) { return sqrti(144); }

SEC("xdp") int fine(void *context) { return XDP_PASS; }
