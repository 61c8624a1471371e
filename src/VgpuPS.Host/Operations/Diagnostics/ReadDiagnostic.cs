using System.Text.Json.Serialization;
using VgpuPS.Core.Diagnostics;
using VgpuPS.Core.Json;
using VgpuPS.Host.Operations.Doctor;
using VgpuPS.Host.Operations.Inventory;

namespace VgpuPS.Host.Operations.Diagnostics;

/// <summary>Reads what is needed to understand a host from afar; changes nothing. Secrets do not leave the host, and
/// names neither where that is asked for.</summary>
/// <param name="host">The host.</param>
public sealed class ReadDiagnostic(HostPorts host)
{
    private readonly List<DiagnosticFile> _files = [];

    /// <summary>Reads it. What cannot be read is in it with the reason.</summary>
    public async Task<DiagnosticReport> RunAsync(
        ReadDiagnosticRequest request, CancellationToken cancellationToken)
    {
        var sources = new DiagnosticSources(host);
        foreach (var (name, source, read) in Own().Concat(sources.All()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await AddAsync(name, source, () => read(cancellationToken)).ConfigureAwait(false);
        }

        var names = request.Salt is { } salt ? Names(salt, sources) : null;
        return new DiagnosticReport(
            names?.HostWord(host.Proxmox.Node) ?? host.Proxmox.Node, [.. _files.Select(f => Clean(f, names))]);
    }

    private IEnumerable<DiagnosticSource> Own()
    {
        yield return new("show.json", "vgpu-hook show --json", _ =>
        {
            var report = new ReadHost(host).Run(new ReadHostRequest(
                DriverMayBeMissing: true, WithHookState: true, WithOtherGpus: true));
            return Task.FromResult<string?>(JsonOutput.Write(report, HostReportJsonContext.Default.HostReport));
        });
        yield return new("doctor.json", "vgpu-hook doctor --json", async token =>
        {
            var result = await new RunDoctor(host).RunAsync(new RunDoctorRequest { ForHost = true }, token)
                .ConfigureAwait(false);
            return JsonOutput.Write(result, DiagnosticJsonContext.Default.RunDoctorResult);
        });
    }

    private async Task AddAsync(string name, string source, Func<Task<string?>> read)
    {
        try
        {
            var text = await read().ConfigureAwait(false);
            _files.Add(new DiagnosticFile(name, source, text, text is null ? "it is not there" : null));
        }
        catch (VgpuException failure)
        {
            _files.Add(new DiagnosticFile(name, source, null, $"{failure.ErrorId}: {failure.Message}"));
        }
    }

    /// <summary>All names that the host knows: of VMs and containers, of itself and the cluster's nodes, of its
    /// domain.</summary>
    private static Anonymizer Names(string salt, DiagnosticSources sources)
    {
        var names = new Anonymizer(salt);
        foreach (var (vm, name) in sources.VmNames())
        {
            names.AddVm(vm.Value, name);
        }

        foreach (var (container, name) in sources.ContainerNames())
        {
            names.AddContainer(container.Value, name);
        }

        foreach (var node in sources.HostNames())
        {
            names.AddHost(node);
        }

        return names;
    }

    private static DiagnosticFile Clean(DiagnosticFile file, Anonymizer? names)
    {
        return file with
        {
            Name = Of(file.Name),
            Source = Of(file.Source),
            Text = file.Text is null ? null : Of(file.Text),
            Problem = file.Problem is null ? null : Of(file.Problem),
        };

        string Of(string text)
        {
            var clean = Redaction.Of(text);
            return names?.Of(clean) ?? clean;
        }
    }
}

/// <summary>A file of a bundle, and how it is read.</summary>
/// <param name="Name">Its path in the bundle.</param>
/// <param name="Source">Where its text is from.</param>
/// <param name="Read">Reads it; null where there is nothing.</param>
internal sealed record DiagnosticSource(string Name, string Source, Func<CancellationToken, Task<string?>> Read);

/// <summary>What a bundle has of a host.</summary>
/// <param name="Host">The node, or the word that stands for it.</param>
/// <param name="Files">The files, in the order in which they are read.</param>
public sealed record DiagnosticReport(string Host, IReadOnlyList<DiagnosticFile> Files);

/// <summary>A file of a bundle.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Source">Where its text is from: a path or a command.</param>
/// <param name="Text">Its text, without secrets; null where there is none.</param>
/// <param name="Problem">Why there is none; null where there is.</param>
public sealed record DiagnosticFile(string Name, string Source, string? Text, string? Problem);

/// <summary>Asks for a support bundle.</summary>
public sealed record ReadDiagnosticRequest
{
    /// <summary>Makes the words that stand for names; null where names stay.</summary>
    public string? Salt { get; init; }
}

/// <summary>How findings are written: camelCase, indented.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(RunDoctorResult))]
internal sealed partial class DiagnosticJsonContext : JsonSerializerContext;
