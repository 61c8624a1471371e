namespace VgpuPS.Core.Guests;

/// <summary>
/// What is run in Linux guests by <c>/bin/sh</c> to measure them: POSIX shell, and coreutils' <c>date</c> and
/// <c>sleep</c>, which know fractions of a second (others lose the fraction). Arguments are <c>$1</c> and on.
/// </summary>
/// <remarks>
/// Programs of a measurement are those whose executable lies in its folder or that work there, so that all of them are
/// found without a file of process ids, which may name others after a while.
/// </remarks>
public static class BenchScripts
{
    /// <summary>Exit code of <see cref="Fetch"/> while the program runs.</summary>
    public const int Running = 75;

    /// <summary>Ends what measurements run, and removes their folders, whether this one's or an earlier one's:
    /// folders.</summary>
    public static readonly GuestScript Clear = new("bench-clear", """
        find_them() {
            for p in /proc/[0-9]*; do
                exe=$(readlink "$p/exe" 2>/dev/null) || continue
                case $exe in "$1"/*) echo "${p#/proc/}"; continue ;; esac
                [ "$(readlink "$p/cwd" 2>/dev/null)" != "$1" ] || echo "${p#/proc/}"
            done
        }
        for f in "$@"; do
            [ -e "$f" ] || [ -L "$f" ] || continue
            for s in TERM TERM KILL KILL; do
                pids=$(find_them "$f")
                [ -n "$pids" ] || break
                kill -s "$s" $pids 2>/dev/null
                sleep 1
            done
            rm -rf -- "$f" || exit 1
        done
        """);

    /// <summary>Makes the first of some folders that can be, of root alone and on a file system that runs programs, and
    /// prints it: folders.</summary>
    public static readonly GuestScript Folder = new("bench-folder", """
        umask 077
        for d in "$@"; do
            mkdir -- "$d" || continue
            printf '#!/bin/sh\nexit 0\n' > "$d/try" && chmod 700 "$d/try" && "$d/try" && rm -- "$d/try" && {
                printf '%s\n' "$d"
                exit 0
            }
            rm -rf -- "$d"
        done
        exit 1
        """);

    /// <summary>Makes a file a program of root's: path.</summary>
    public static readonly GuestScript Program = new("bench-program", """chmod 700 -- "$1" """);

    /// <summary>Prints where the first of some programs is: how many folders, folders, names. Exit code 44 where none
    /// of them is there.</summary>
    public static readonly GuestScript Find = new("bench-find", """
        n=$1; shift
        folders=
        while [ "$n" -gt 0 ]; do folders="$folders $1"; shift; n=$((n - 1)); done
        for p in "$@"; do
            found=$(command -v -- "$p") && case $found in /*) printf '%s\n' "$found"; exit 0 ;; esac
            for d in $folders; do
                [ -f "$d/$p" ] && [ -x "$d/$p" ] && { printf '%s\n' "$d/$p"; exit 0; }
            done
        done
        exit 44
        """);

    /// <summary>
    /// Starts a program in a folder and does not wait for it: folder, moment (nanoseconds since 1970 by the guest's
    /// clock; empty for now), program, arguments. It begins at that moment. What the driver compiles is kept in the
    /// folder, for the next program, and goes with it.
    /// </summary>
    /// <remarks>That the driver keeps it where CUDA_CACHE_PATH says is assumed.</remarks>
    public static readonly GuestScript Begin = new("bench-begin", """
        umask 077
        cd -- "$1" || exit 1
        at=$2
        shift 2
        rm -f -- out err code times
        CUDA_CACHE_PATH=$PWD/cache
        export CUDA_CACHE_PATH
        now() {
            n=$(date +%s%N)
            case $n in *[!0-9]*) n=$(date +%s)000000000 ;; esac
            echo "$n"
        }
        {
            left=0
            if [ -n "$at" ]; then
                left=$((at - $(now)))
                [ "$left" -le 0 ] || sleep "$(printf '%d.%09d' $((left / 1000000000)) $((left % 1000000000)))"
            fi
            if [ "$left" -lt -1000000000 ]; then
                echo "the start was $((left / -1000000000)) s ago" > err
                code=75
            else
                now > times
                "$@" > out 2> err
                code=$?
                now >> times
            fi
            echo "$code" > code.new
            mv -f -- code.new code
        } < /dev/null > /dev/null 2>&1 &
        """);

    /// <summary>
    /// Prints what a program that was started left: its exit code, when it began and when it ended (nanoseconds since
    /// 1970; <c>-</c> where it did not), each on a line of its own, then the end of its standard output; the end of its
    /// standard error goes there: folder, most bytes. Exit code 75 while it runs, 44 where the folder is gone.
    /// </summary>
    public static readonly GuestScript Fetch = new("bench-fetch", """
        cd -- "$1" 2>/dev/null || exit 44
        [ -e code ] || exit 75
        cat code
        if [ -e times ]; then cat times; else printf '%s\n' - -; fi
        [ ! -e out ] || tail -c "$2" out
        [ ! -e err ] || tail -c 4096 err >&2
        """);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<GuestScript> All { get; } = [Clear, Folder, Program, Find, Begin, Fetch];
}
