// libzmq as Swift sees it: only what the importer cannot translate by itself is wrapped here.
#pragma once
#include <zmq.h>
#include <errno.h>
