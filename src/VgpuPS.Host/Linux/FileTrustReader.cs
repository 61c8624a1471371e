using System.Text;

namespace VgpuPS.Host.Linux;

/// <summary>
/// Finds out who can change a file: it must be root's, and writable by no other user, and so must every folder above
/// it, on the
/// way through every link.
/// </summary>
/// <remarks>Source: the rule of sshd's StrictModes and of sudo, for the whole path; path_resolution(7),
/// proc_pid_mountinfo(5).</remarks>
internal static class FileTrustReader
{
    private const int MaxLinks = 40;
    private const int MountsLimit = 4 * 1024 * 1024;
    private const string Mounts = "/proc/self/mountinfo";

    private static readonly string[] s_networks =
        ["nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "9p", "virtiofs", "ocfs2", "gfs2", "afs", "lustre", "beegfs"];

    /// <summary>Looks; null when nothing is at the path.</summary>
    /// <exception cref="HostFileException">It cannot be looked at.</exception>
    public static FileTrust? Find(IHostFiles files, string path)
    {
        var problems = new List<TrustProblem>();
        HostFileInfo? last = null;
        var todo = new Stack<string>(Parts(path).Reverse());
        var at = "";
        Add(files, problems, "/", files.GetInfo("/"));
        for (var links = 0; todo.TryPop(out var part);)
        {
            if (part == "..")
            {
                at = at[..Math.Max(0, at.LastIndexOf('/'))];
                continue;
            }

            if (files.ReadLink($"{at}/{part}") is { } target)
            {
                if (++links > MaxLinks)
                {
                    throw new HostFileException("open", path, Errno.ELOOP);
                }

                at = target.StartsWith('/') ? "" : at;
                foreach (var step in Parts(target).Reverse())
                {
                    todo.Push(step);
                }

                continue;
            }

            at = $"{at}/{part}";
            last = files.GetInfo(at);
            if (last is null)
            {
                return null;
            }

            Add(files, problems, at, last);
        }

        return new FileTrust(path, problems, problems.Count > 0 && last is not null && IsOnNetwork(files, last));
    }

    /// <summary>Refuses a file on a local file system that others than root can change; one that is not there
    /// passes.</summary>
    /// <exception cref="HostNotReadyException">Others can.</exception>
    /// <exception cref="HostFileException">It cannot be looked at.</exception>
    public static void Require(IHostFiles files, string path, string what)
    {
        if (Find(files, path) is { IsTrusted: false, IsOnNetwork: false } trust)
        {
            throw trust.ToException(what);
        }
    }

    private static IEnumerable<string> Parts(string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".");

    private static void Add(IHostFiles files, List<TrustProblem> problems, string path, HostFileInfo? info)
    {
        // Who runs this without being root can trust himself.
        if (info is not null
            && ((info.Owner != 0 && info.Owner != files.UserId) || (info.Mode & TrustProblem.OthersWrite) != 0)
            && !problems.Exists(p => p.Path == path))
        {
            problems.Add(new TrustProblem(path, info.Kind == HostFileKind.Directory, info.Owner, info.Mode));
        }
    }

    private static bool IsOnNetwork(IHostFiles files, HostFileInfo info)
    {
        string text;
        try
        {
            text = Encoding.UTF8.GetString(files.Read(Mounts, MountsLimit));
        }
        catch (HostFileException)
        {
            // Nothing guarantees that another machine keeps its owner.
            return false;
        }

        var device = $"{info.DeviceMajor}:{info.DeviceMinor}";
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ');
            var dash = Array.IndexOf(words, "-");
            if (words.Length > 2 && words[2] == device && dash > 0 && dash + 1 < words.Length)
            {
                return s_networks.Contains(words[dash + 1])
                    || words[dash + 1].StartsWith("fuse.", StringComparison.Ordinal);
            }
        }

        return false;
    }
}
