using System.Globalization;
using System.Text;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Seams;
using Xunit;

namespace VgpuPS.Tests.Linux;

/// <summary>A write that blocks keeps its child, never us; the child has nothing of ours that anybody waits
/// for.</summary>
/// <remarks>Source: facts/proxmox.md (a): the caller of a hookscript waits until both output pipes are
/// closed.</remarks>
[Trait("Duration", "Long")]
public sealed class BlockedWriteTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("vgpups").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_blocked_write_is_left_at_its_deadline_and_holds_no_output_of_ours()
    {
        var self = Path.Combine(_root, "self");
        var pidFile = Path.Combine(_root, "pid");
        new LinuxHostFiles(_root).WriteWhole(
            "/self",
            Encoding.ASCII.GetBytes(
                $"#!/bin/sh\necho $$ > {pidFile}.new\nmv {pidFile}.new {pidFile}\nexec sleep 20\n"),
            FileModes.Mode700);
        var runner = new LinuxProcessRunner(TimeProvider.System, self);
        var result = await runner.WriteAttributeAsync(
            "/sys/no/remove", "1", TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.False(result.Finished);

        var text = await File.ReadAllTextAsync(pidFile, TestContext.Current.CancellationToken);
        var pid = int.Parse(text.Trim(), CultureInfo.InvariantCulture);
        using var child = System.Diagnostics.Process.GetProcessById(pid);
        try
        {
            var descriptors = Directory.GetFiles($"/proc/{pid}/fd").ToDictionary(
                f => Path.GetFileName(f), f => new FileInfo(f).LinkTarget ?? "", StringComparer.Ordinal);
            Assert.Equal(["0", "1", "2"], descriptors.Keys.Order(StringComparer.Ordinal));
            Assert.All(descriptors.Values, target => Assert.StartsWith("/memfd:", target, StringComparison.Ordinal));
        }
        finally
        {
            child.Kill();
        }
    }
}
