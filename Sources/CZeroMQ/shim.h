// libzmq as Swift sees it: only what the importer cannot translate by itself is wrapped here.
#pragma once
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <zmq.h>

// prctl(2) is variadic, which Swift cannot call.
static inline int jukihub_name_this_thread(const char *name) {
    return prctl(PR_SET_NAME, (unsigned long)name, 0UL, 0UL, 0UL);
}
