/* Counts the calls that change files under one folder, and makes the n-th of them fail, die, or lose the power.

   Preloaded into a process, it does nothing until crash_arm. Losing the power undoes, before the process dies, what was
   written, truncated or renamed since the last fsync of that file or folder: the least that POSIX promises.

   Where CHAOS_CLOCK names a file, the wall clock is ahead by the seconds, a double, that the file begins with; they may
   change at any time, as a clock does that is set. What counts steadily does not move, nor do SQLite's own times. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum how { COUNT, KILL, TORN, POWER, FAIL_EIO, FAIL_ENOSPC, FAIL_EMFILE, FAIL_FULL };

struct undo {
    struct undo *before;
    ino_t inode, folder;       /* whose fsync makes it last */
    char path[512], was[512];  /* of a write: path; of a rename: from `was` to `path`, whose old file is at `kept` */
    char kept[512];
    off_t at, size;            /* of a write: where, and the file's size before */
    size_t length;
    char old[];
};

static char home[512];
static char counter[512];
static long at, *count;
static int *ill; /* what ails the disk just now, set from outside */
enum ill { WELL, SLOW, FAILING };
#define SLOW_US 60000
static enum how how;
static int each; /* whether calls that are like another count, too */
static struct undo *undone;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

void crash_arm(const char *folder, long number, int way, int all, const char *file) {
    int fd = REAL(open)(file, O_RDWR);
    count = mmap(NULL, 2 * sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ill = (int *)(count + 1);
    REAL(close)(fd);
    snprintf(home, sizeof home, "%s/", folder);
    snprintf(counter, sizeof counter, "%s", file);
    at = number;
    how = way;
    each = all;
}

static int is_home(const char *path) { return home[0] && path && !strncmp(path, home, strlen(home)); }

static int path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, 511);
    if (length < 0) return 0;
    path[length] = 0;
    return is_home(path);
}

static void forget(ino_t inode) { /* an fsync: what was written there lasts */
    for (struct undo **each = &undone; *each;) {
        struct undo *record = *each;
        if (record->inode == inode || record->folder == inode) {
            *each = record->before;
            if (record->kept[0]) REAL(unlink)(record->kept);
            free(record);
        } else each = &record->before;
    }
}

static void lose_power(void) {
    for (struct undo *record = undone; record; record = record->before) {
        if (record->was[0]) {
            REAL(rename)(record->path, record->was);
            if (record->kept[0]) REAL(rename)(record->kept, record->path);
            continue;
        }
        int fd = REAL(open)(record->path, O_WRONLY);
        if (fd < 0) continue;
        if (record->length) REAL(pwrite)(fd, record->old, record->length, record->at);
        if (REAL(ftruncate)(fd, record->size)) {}
        REAL(close)(fd);
    }
}

/* Whether dying or failing here leaves what it leaves at a call near by, which is struck in its place. A reader takes a
   WAL up to the last whole frame that commits: so of the writes of a transaction's frames the last header alone counts,
   whose bytes 4 to 7 are not 0. A checkpoint's pages stay in the WAL until it is overwritten, whose header counts: so of
   those written in a row the first two count. Nothing reads a -shm that another process left. */
static int is_like_another(const char *path, const void *data, size_t length, off_t offset) {
    static __thread char written[512];
    static __thread int in_a_row;
    char wal[520];
    size_t named = strlen(path);
    if (named > 4 && !strcmp(path + named - 4, "-shm")) return 1;
    if (named > 4 && !strcmp(path + named - 4, "-wal"))
        return offset > 0 && !(length == 24 && data && memcmp((const char *)data + 4, "\0\0\0\0", 4));
    in_a_row = strcmp(written, path) ? 1 : in_a_row + 1;
    snprintf(written, sizeof written, "%s", path);
    snprintf(wal, sizeof wal, "%s-wal", path);
    return in_a_row > 2 && offset >= 0 && !access(wal, F_OK);
}

static void note(const char *call, const char *path) { /* after the count: what was struck */
    char text[600];
    int fd = REAL(open)(counter, O_WRONLY);
    int length = snprintf(text, sizeof text, "%s %s", call, path + (is_home(path) ? strlen(home) : 0));
    if (REAL(pwrite)(fd, text, length, 2 * sizeof *count)) {}
    REAL(close)(fd);
}

/* Count one call, which writes where fd is not negative; return whether it shall fail with errno. Does not return where the process dies. */
static int strike(const char *call, const char *path, int fd, const void *data, size_t length, off_t offset) {
    int like = !each && fd >= 0 && is_like_another(path, data, length, offset);
    long number = like ? __atomic_load_n(count, __ATOMIC_SEQ_CST) : __atomic_add_fetch(count, 1, __ATOMIC_SEQ_CST);
    int full = how == FAIL_ENOSPC || how == FAIL_FULL;
    if (*ill == SLOW) usleep(SLOW_US);
    if (*ill == FAILING) {
        errno = EIO;
        return 1;
    }
    if (number < at || how == COUNT || ((like || number > at) && !full)) return 0;
    if (number > at + 20 && how == FAIL_ENOSPC) return 0; /* it is full for a while, the other one for good */
    if (number == at && !like) note(call, path);
    if (full && fd < 0) return 0; /* a full disk still syncs, renames, unlinks */
    if (how >= FAIL_EIO) {
        errno = how == FAIL_EIO ? EIO : full ? ENOSPC : EMFILE;
        return 1;
    }
    pthread_mutex_lock(&lock);
    if (how == TORN && data && length > 1) {
        if (offset < 0) { if (REAL(write)(fd, data, length / 2)) {} }
        else if (REAL(pwrite)(fd, data, length / 2, offset)) {}
    }
    if (how == POWER) lose_power();
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static void remember(int fd, const char *path, off_t offset, size_t length) {
    struct stat now;
    size_t named = strlen(path);
    if (named > 4 && !strcmp(path + named - 4, "-shm")) return; /* SQLite makes it anew, and others have it mapped */
    if (how != POWER || fstat(fd, &now) || !S_ISREG(now.st_mode)) return;
    if (offset < 0) offset = fcntl(fd, F_GETFL) & O_APPEND ? now.st_size : lseek(fd, 0, SEEK_CUR);
    size_t kept = offset >= now.st_size ? 0 : (size_t)(now.st_size - offset) < length ? (size_t)(now.st_size - offset) : length;
    struct undo *record = calloc(1, sizeof *record + kept);
    record->inode = now.st_ino;
    record->at = offset;
    record->size = now.st_size;
    snprintf(record->path, sizeof record->path, "%s", path);
    int reader = kept ? REAL(open)(path, O_RDONLY) : -1;
    if (reader >= 0) {
        ssize_t got = pread(reader, record->old, kept, offset);
        record->length = got < 0 ? 0 : got;
        REAL(close)(reader);
    }
    pthread_mutex_lock(&lock);
    record->before = undone;
    undone = record;
    pthread_mutex_unlock(&lock);
}

#define ARMED(fd) (count && (fd) > 2 && path_of(fd, path))

ssize_t write(int fd, const void *data, size_t length) {
    char path[512];
    if (ARMED(fd)) {
        if (strike(__func__, path, fd, data, length, -1)) return -1;
        remember(fd, path, -1, length);
    }
    return REAL(write)(fd, data, length);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
    char path[512];
    if (ARMED(fd)) {
        if (strike(__func__, path, fd, data, length, offset)) return -1;
        remember(fd, path, offset, length);
    }
    return REAL(pwrite)(fd, data, length, offset);
}
ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset) { return pwrite(fd, data, length, offset); }

ssize_t sendfile(int out, int in, off_t *offset, size_t length) {
    char path[512];
    if (ARMED(out)) {
        if (strike(__func__, path, out, NULL, 0, -1)) return -1;
        remember(out, path, -1, length);
    }
    return REAL(sendfile)(out, in, offset, length);
}
ssize_t sendfile64(int out, int in, off_t *offset, size_t length) { return sendfile(out, in, offset, length); }

int ftruncate(int fd, off_t size) {
    char path[512];
    struct stat now;
    if (ARMED(fd)) {
        if (strike(__func__, path, -1, NULL, 0, -1)) return -1;
        if (!fstat(fd, &now) && size < now.st_size) remember(fd, path, size, now.st_size - size);
    }
    return REAL(ftruncate)(fd, size);
}
int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

static int synced(int fd, int done) {
    struct stat now;
    if (!done && !fstat(fd, &now)) {
        pthread_mutex_lock(&lock);
        forget(now.st_ino);
        pthread_mutex_unlock(&lock);
    }
    return done;
}
int fsync(int fd) {
    char path[512];
    if (!count || fd <= 2) return REAL(fsync)(fd);
    int mine = path_of(fd, path) || !strncmp(home, path, strlen(path)); /* the folder itself too */
    if (mine && strike(__func__, path, -1, NULL, 0, -1)) return -1;
    return synced(fd, REAL(fsync)(fd));
}
int fdatasync(int fd) {
    char path[512];
    if (ARMED(fd) && strike(__func__, path, -1, NULL, 0, -1)) return -1;
    return count ? synced(fd, REAL(fdatasync)(fd)) : REAL(fdatasync)(fd);
}

int rename(const char *from, const char *to) {
    if (count && (is_home(from) || is_home(to))) {
        if (strike(__func__, to, -1, NULL, 0, -1)) return -1;
        if (how == POWER) {
            static int kept;
            struct undo *record = calloc(1, sizeof *record);
            struct stat now;
            char parent[512];
            snprintf(record->path, sizeof record->path, "%s", to);
            snprintf(record->was, sizeof record->was, "%s", from);
            snprintf(record->kept, sizeof record->kept, "%.400s/../kept-%d-%d", home, getpid(), ++kept);
            if (link(to, record->kept)) record->kept[0] = 0;
            snprintf(parent, sizeof parent, "%s", to);
            if (strrchr(parent, '/')) *strrchr(parent, '/') = 0;
            if (!stat(parent, &now)) record->folder = now.st_ino;
            pthread_mutex_lock(&lock);
            record->before = undone;
            undone = record;
            pthread_mutex_unlock(&lock);
        }
    }
    return REAL(rename)(from, to);
}

int unlink(const char *path) {
    if (count && is_home(path) && strike(__func__, path, -1, NULL, 0, -1)) return -1;
    return REAL(unlink)(path);
}

static int opens(const char *path, int flags) {
    return count && how == FAIL_EMFILE && is_home(path) && strike(__func__, path, -1, NULL, 0, -1) && (flags || 1);
}
int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opens(path, flags) ? -1 : REAL(open)(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opens(path, flags) ? -1 : REAL(open64)(path, flags, mode);
}

static volatile double *ahead;

__attribute__((constructor)) static void watch_clock(void) {
    const char *file = getenv("CHAOS_CLOCK");
    int fd = file ? REAL(open)(file, O_RDONLY) : -1;
    if (fd < 0) return;
    void *mapped = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED) ahead = mapped;
    REAL(close)(fd);
}

int clock_gettime(clockid_t id, struct timespec *now) {
    static __typeof__(&clock_gettime) system_clock;
    if (!system_clock) system_clock = REAL(clock_gettime);
    int failed = system_clock(id, now);
    if (!failed && ahead && id == CLOCK_REALTIME) {
        long long moved = now->tv_sec * 1000000000LL + now->tv_nsec + (long long)(*ahead * 1e9);
        now->tv_sec = moved / 1000000000LL;
        now->tv_nsec = moved % 1000000000LL;
    }
    return failed;
}
