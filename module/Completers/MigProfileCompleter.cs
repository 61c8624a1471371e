using System.Globalization;

namespace VgpuPS.Completers;

/// <summary>Completes MIG profiles of the GPUs on the line: those that fit now where some do, else all.</summary>
public class MigProfileCompleter : HostCompleter
{
    /// <summary>Whether those that do not fit are left out where others do.</summary>
    private protected virtual bool PrefersFitting => true;

    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound)
    {
        var profiles = Read(bound).SelectMany(i => FindGpus(i, bound).SelectMany(i.ProfilesOf)).ToList();
        var fitting = profiles.Where(p => p.Free > 0 && PrefersFitting).ToList();
        return (fitting.Count > 0 ? fitting : profiles).Select(p => new Completion(
            p.Profile,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{p.Profile}: {p.MemoryMiB} MiB, {p.Multiprocessors} SMs, {p.Free} of {p.Total} free on "
                    + $"{p.GpuAddress}")));
    }
}

/// <summary>Completes MIG profiles of the GPUs on the line, whether they fit or not.</summary>
public sealed class AnyMigProfileCompleter : MigProfileCompleter
{
    private protected override bool PrefersFitting => false;
}
