// What Platform needs of Linux that Swift's Glibc module leaves out.
#pragma once
#include <sys/prctl.h>

// prctl(2) is variadic, which Swift cannot call. 0, or -1 with errno.
static inline int jukihub_forbid_dumps(void) {
    return prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL);
}

// 1 while the kernel may dump this process's memory.
static inline int jukihub_may_dump(void) {
    return prctl(PR_GET_DUMPABLE, 0UL, 0UL, 0UL, 0UL);
}
