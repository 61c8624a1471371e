namespace VgpuPS.Core.Guests;

/// <summary>What is run in Linux guests by <c>/bin/sh</c>: POSIX shell and utilities; arguments are <c>$1</c> and
/// on.</summary>
/// <remarks>Run against a real guest agent by tests/system/guest.</remarks>
public static class LinuxGuestScripts
{
    /// <summary>Prints a file: path.</summary>
    public static readonly GuestScript Read = new("read", """[ -e "$1" ] || exit 44; cat -- "$1" """);

    /// <summary>
    /// Writes standard input to a file, whole or not at all, never readable by others before it has its mode: path,
    /// temporary path beside it, mode, folder.
    /// </summary>
    public static readonly GuestScript Write = new("write", """
        mkdir -p -- "$4" && umask 077 && cat > "$2" && chmod "$3" "$2" && mv -f -- "$2" "$1" && exit 0
        rm -f -- "$2"
        exit 1
        """);

    /// <summary>Compares standard input with a file: path. Exit code 0 for the same, 1 for another.</summary>
    public static readonly GuestScript Same = new("same", """[ -e "$1" ] || exit 44; cmp -s -- - "$1" """);

    /// <summary>Prints the tokens of a folder by path, one a line: folder.</summary>
    public static readonly GuestScript Tokens = new(
        "tokens", """for f in "$1"/*.tok; do [ ! -e "$f" ] || printf '%s\n' "$f"; done""");

    /// <summary>Copies a file beside it, if it is there: path, copy.</summary>
    public static readonly GuestScript Backup = new("backup", """[ -e "$1" ] || exit 44; cp -p -- "$1" "$2" """);

    /// <summary>Moves a file: from, to.</summary>
    public static readonly GuestScript Move = new("move", """[ -e "$1" ] || exit 44; mv -f -- "$1" "$2" """);

    /// <summary>Removes a file or folder, if it is there: path.</summary>
    public static readonly GuestScript Remove = new("remove", """rm -rf -- "$1" """);

    /// <summary>Takes the lock of a change, or one older than a quarter of an hour: path. Exit code 75 where it is
    /// taken.</summary>
    public static readonly GuestScript Lock = new("lock", """
        mkdir -- "$1" 2>/dev/null && exit 0
        [ -d "$1" ] || { mkdir -- "$1"; exit 1; }
        [ $(($(date +%s) - $(stat -c %Y -- "$1"))) -gt 900 ] || exit 75
        touch -- "$1"
        """);

    /// <summary>Keeps a lock that one holds from being taken as an old one: path.</summary>
    public static readonly GuestScript Keep = new("keep", """[ -d "$1" ] && touch -- "$1" """);

    /// <summary>Exit code 0 where OpenSSL is there.</summary>
    public static readonly GuestScript OpenSsl = new(
        "openssl", "command -v openssl >/dev/null 2>&1 || ldconfig -p 2>/dev/null | grep -q libcrypto");

    /// <summary>Exit code 0 where a server's port takes a connection: server, port.</summary>
    public static readonly GuestScript Port = new(
        "port", """timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" """);

    /// <summary>Writes a part of a large file from base64: path.</summary>
    public static readonly GuestScript Part = new("part", """umask 077; mkdir -p -- "${1%/*}" && base64 -d > "$1" """);

    /// <summary>Joins parts, prints the SHA-256 of the whole, and removes them: folder of the parts, file.</summary>
    public static readonly GuestScript Join = new(
        "join", """umask 077; cat -- "$1"/part-* > "$2" && rm -rf -- "$1" && sha256sum -- "$2" """);

    /// <summary>Keeps nouveau from being loaded, now and at the next boot: file.</summary>
    /// <remarks>Source: facts/errors.md A3.</remarks>
    public static readonly GuestScript NoNouveau = new("nouveau", """
        printf 'blacklist nouveau\noptions nouveau modeset=0\n' > "$1" || exit 1
        if command -v update-initramfs >/dev/null; then update-initramfs -u; elif command -v dracut >/dev/null; then dracut --force; fi
        """);

    /// <summary>Installs the headers of the running kernel, and what builds modules.</summary>
    /// <remarks>Source: facts/errors.md A10; that a guest has apt is assumed, elsewhere it is left to the
    /// installer.</remarks>
    public static readonly GuestScript Headers = new("headers", """
        command -v apt-get >/dev/null || exit 0
        export DEBIAN_FRONTEND=noninteractive
        [ -e "/lib/modules/$(uname -r)/build" ] && command -v gcc >/dev/null && command -v make >/dev/null && exit 0
        apt-get update -q && apt-get install -q -y "linux-headers-$(uname -r)" gcc make
        """);

    /// <summary>Installs a Debian package with what it needs: file.</summary>
    public static readonly GuestScript InstallDeb = new("deb", """
        export DEBIAN_FRONTEND=noninteractive
        apt-get install -q -y --allow-downgrades "$1" openssl
        """);

    /// <summary>Runs NVIDIA's installer without questions: file.</summary>
    /// <remarks>Source: assumed: --silent, and --dkms where DKMS is there (nvidia-installer's own help).</remarks>
    public static readonly GuestScript InstallRun = new("run", """
        dkms=; ! command -v dkms >/dev/null || dkms=--dkms
        sh "$1" --silent $dkms
        """);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<GuestScript> All { get; } =
    [
        Read, Write, Same, Tokens, Backup, Move, Remove, Lock, OpenSsl, Port, Part, Join, NoNouveau, Headers,
        InstallDeb, InstallRun, Keep, .. BenchScripts.All,
    ];
}
