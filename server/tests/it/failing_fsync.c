/* Preloaded into the server: nothing can be synced while the file that FSYNC_FAILS_WHILE names is there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int sync_unless(const char *name, int fd) {
    const char *file = getenv("FSYNC_FAILS_WHILE");
    if (file && access(file, F_OK) == 0) {
        errno = EIO;
        return -1;
    }
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    return real(fd);
}

int fsync(int fd) { return sync_unless("fsync", fd); }
int fdatasync(int fd) { return sync_unless("fdatasync", fd); }
