#define _GNU_SOURCE
#include "CProcess.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where in a start the child is; shared with the parent, as vfork shares all memory. */
struct progress {
    int step;
    int index;
    int error;
};

#define AT(name) (progress->step = KEELSON_STEP_##name, progress->index = 0)
#define NEED(call) do { if ((call) < 0) { progress->error = errno; _exit(127); } } while (0)

/* A handler that ran in the child would run on the parent's memory. */
static void reset_signals(void) {
    struct sigaction action = { .sa_handler = SIG_DFL };
    for (int number = 1; number < NSIG; number += 1) sigaction(number, &action, NULL);
}

static void close_others(void) {
#ifdef SYS_close_range
    if (syscall(SYS_close_range, 3U, ~0U, 0U) == 0) return;
#endif
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    for (rlim_t next = 3; next < limit.rlim_cur; next += 1) close((int)next);
}

static void mount_folders(const struct keelson_process *process, struct progress *progress) {
    if (process->mount_count == 0) return;
    NEED(unshare(CLONE_NEWNS));
    NEED(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL));
    for (int index = 0; index < process->mount_count; index += 1) {
        const struct keelson_mount *one = &process->mounts[index];
        progress->index = index;
        NEED(mount(one->source, one->target, NULL, MS_BIND | MS_REC, NULL));
        if (one->is_read_only) {
            NEED(mount(NULL, one->target, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
        }
    }
}

__attribute__((noreturn))
static void become(
    const struct keelson_process *process, struct progress *progress, pid_t parent
) {
    reset_signals();
    AT(SESSION);
    NEED(setsid());
    /* Moved clear of 0, 1 and 2 first, so that no dup2 below overwrites one still needed. */
    int standard[3];
    for (int index = 0; index < 3; index += 1) {
        NEED(standard[index] = fcntl(process->standard[index], F_DUPFD_CLOEXEC, 3));
    }
    for (int index = 0; index < 3; index += 1) NEED(dup2(standard[index], index));
    if (process->has_terminal) NEED(ioctl(0, TIOCSCTTY, 0));
    AT(CGROUP);
    for (int index = 0; index < process->cgroup_count; index += 1) {
        progress->index = index;
        NEED(write(process->cgroups[index], "0", 1));
    }
    AT(MOUNT);
    if (process->mount_namespace >= 0) NEED(setns(process->mount_namespace, CLONE_NEWNS));
    mount_folders(process, progress);
    close_others();
    AT(USER);
    if (process->group >= 0) {
        gid_t group = (gid_t)process->group;
        /* The library's calls would signal all threads of the parent to follow. */
        NEED(syscall(SYS_setgroups, 1, &group));
        NEED(syscall(SYS_setresgid, group, group, group));
    }
    if (process->user >= 0) {
        uid_t user = (uid_t)process->user;
        NEED(syscall(SYS_setresuid, user, user, user));
    }
    AT(DIRECTORY);
    NEED(chdir(process->working_directory));
    /* After the change of user, which would clear it. */
    if (process->parent_death_signal != 0) {
        NEED(prctl(PR_SET_PDEATHSIG, process->parent_death_signal));
        /* The parent may have ended before it was set. */
        if (getppid() != parent) _exit(127);
    }
    sigset_t none;
    sigemptyset(&none);
    AT(EXEC);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(process->path, process->arguments, process->environment);
    progress->error = errno;
    _exit(127);
}

struct keelson_start keelson_start_process(const struct keelson_process *process) {
    struct progress progress = { KEELSON_STEP_FORK, 0, 0 };
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    /* vfork rather than fork: nothing is copied, however large the caller is, and nothing it
       writes meanwhile has to be kept twice. */
    pid_t child = vfork();
    if (child == 0) become(process, &progress, parent);
    int error = child < 0 ? errno : progress.error;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        if (child > 0) while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
        return (struct keelson_start){ -1, progress.step, error, progress.index };
    }
    return (struct keelson_start){ child, KEELSON_STEP_NONE, 0, 0 };
}

int keelson_open_process(pid_t process) {
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, process, 0);
#else
    errno = ENOSYS;
    return -1;
#endif
}

int keelson_signal_process(int descriptor, int signal) {
#ifdef SYS_pidfd_send_signal
    return (int)syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0);
#else
    errno = ENOSYS;
    return -1;
#endif
}

int keelson_adopt_orphans(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

int keelson_watch_children(void) {
    sigset_t all, children;
    sigfillset(&all);
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    if (sigprocmask(SIG_SETMASK, &all, NULL) != 0) return -1;
    return signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
}

int keelson_make_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}

int keelson_make_terminal(int ends[2]) {
    int near = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (near < 0) return -1;
    int far = -1;
    if (grantpt(near) == 0 && unlockpt(near) == 0) {
        far = ioctl(near, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    }
    if (far < 0) {
        int error = errno;
        close(near);
        errno = error;
        return -1;
    }
    ends[0] = near;
    ends[1] = far;
    return 0;
}

int keelson_resize_terminal(int descriptor, uint16_t columns, uint16_t rows) {
    struct winsize size = { .ws_row = rows, .ws_col = columns };
    return ioctl(descriptor, TIOCSWINSZ, &size);
}

int keelson_make_set(void) {
    return epoll_create1(EPOLL_CLOEXEC);
}

int keelson_add_to_set(int set, int descriptor, int is_to_be_written) {
    struct epoll_event event = { .events = is_to_be_written ? EPOLLOUT : EPOLLIN };
    return epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event);
}
