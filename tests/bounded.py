"""What a child process needs to tell how much memory it took."""

PEAK = '''
def peak():
    """Return the peak memory of this process alone in kilobytes."""
    try:  # what getrusage says begins with the peak of the process that started this one
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except OSError:
        import resource, sys
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1 if sys.platform != "darwin" else 1024)

'''
