namespace VgpuPS.Completers;

/// <summary>Completes driver packages that lie on the host, where one downloads or copies them to.</summary>
public abstract class HostFileCompleter : HostCompleter
{
    private const string HostPackage = "-vgpu-kvm";

    private protected sealed override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        from report in Read(bound)
        from path in report.Choices?.DriverFiles ?? []
        let name = path[(path.LastIndexOf('/') + 1)..]
        where IsOffered(name, name.Contains(HostPackage, StringComparison.OrdinalIgnoreCase))
        select new Completion(path, $"{path} on {report.VgpuHost}", name);

    private protected abstract bool IsOffered(string name, bool isHostPackage);
}

/// <summary>Completes packages of the host driver.</summary>
public sealed class HostDriverCompleter : HostFileCompleter
{
    private protected override bool IsOffered(string name, bool isHostPackage) => isHostPackage;
}

/// <summary>Completes packages of guest drivers.</summary>
public sealed class GuestDriverCompleter : HostFileCompleter
{
    private protected override bool IsOffered(string name, bool isHostPackage) =>
        !isHostPackage && !name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);
}
