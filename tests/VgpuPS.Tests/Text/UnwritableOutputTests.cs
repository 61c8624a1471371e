using System.Globalization;
using System.Text;
using VgpuPS.Hook;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Text;

/// <summary>Output that cannot be written fails a start, which leaves nothing, and never aborts; a stop is finished all
/// the same.</summary>
public sealed class UnwritableOutputTests
{
    [Theory]
    [InlineData("9.2", LabBackend.Vfio)]
    [InlineData("8.4", LabBackend.Mdev)]
    public async Task A_start_that_nobody_is_told_of_is_undone(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend).Vm(101, "0=0000:4b:00.4,mdev=nvidia-689");
        var before = s.Node.Snapshot();
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        Assert.Equal(69, await RunAsync(s, new FullWriter(), error, "101", "pre-start"));
        Assert.Contains("standard output does not accept output: No space left on device", error.ToString(),
            StringComparison.Ordinal);
        s.Is(before);
        s.Starts(101);
    }

    [Fact]
    public async Task A_warning_that_nobody_gets_undoes_a_start_as_well()
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, "0=0000:4b:00.4,mdev=nvidia-689");
        s.Host.Edit(state => state.Setup.WriteRefusals["/var/log"] = 28);
        var before = s.Node.Snapshot();
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        Assert.Equal(69, await RunAsync(s, output, new FullWriter(), "101", "pre-start"));
        s.Is(before);
    }

    [Fact]
    public async Task A_stop_releases_all_the_same()
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, "0=0000:4b:00.4,mdev=nvidia-689");
        var before = s.Node.Snapshot();
        s.Starts(101);
        s.Kills(101);
        Assert.Equal(0, await RunAsync(s, new FullWriter(), new FullWriter(), "101", "post-stop"));
        s.Is(before);
    }

    [Theory]
    [InlineData("show")]
    [InlineData("show --json")]
    [InlineData("doctor")]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("nonsense")]
    public async Task No_command_aborts(string arguments)
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, "0=0000:4b:00.4,mdev=nvidia-689");
        Assert.Equal(
            arguments == "nonsense" ? 64 : 69,
            await RunAsync(s, new FullWriter(), new FullWriter(), arguments.Split(' ')));
    }

    private static async Task<int> RunAsync(Situation s, TextWriter output, TextWriter error, params string[] arguments)
    {
        var text = new HookText(output, error);
        return await new HookCommands(s.Node.Connect(text.Warn), s.Host.Processes, text, null)
            .RunAsync(arguments, TestContext.Current.CancellationToken);
    }

    /// <summary>What <c>/dev/full</c> is.</summary>
    private sealed class FullWriter : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => throw new IOException("No space left on device");
    }
}
