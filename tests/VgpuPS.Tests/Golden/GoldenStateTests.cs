using System.Text;
using System.Text.Json;
using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Golden;

/// <summary>
/// VMs that a hook of before started, with its own files and Proxmox's as they were recorded at 0680506: a hook that is
/// put in its place reads them, counts with them, gives back what the VMs hold, and finishes what was half done.
/// </summary>
public sealed class GoldenStateTests
{
    private const string Claims = "/run/vgpups/claims.json";
    private const string Head = "== ";

    private static readonly string[] s_folders = ["/run/vgpups/", "/run/qemu-server/", "/etc/vgpups/", "/etc/pve/"];

    private static readonly IReadOnlyDictionary<string, Func<LabHostNode>> s_kinds = new Dictionary<string,
        Func<LabHostNode>>
    {
        ["mig-vfio"] = () => GoldenHosts.WithMigVms(LabBackend.Vfio),
        ["mig-mdev"] = () => GoldenHosts.WithMigVms(LabBackend.Mdev),
        ["time-sliced-vfio"] = () => GoldenHosts.WithTimeSlicedVms(LabBackend.Vfio),
        ["time-sliced-mdev"] = () => GoldenHosts.WithTimeSlicedVms(LabBackend.Mdev),
        ["shared-instance"] = GoldenHosts.SharedInstance,
        ["mapped"] = GoldenHosts.Mapped,
        ["half-done-vfio"] = () => GoldenHosts.HalfDone(LabBackend.Vfio),
        ["half-done-mdev"] = () => GoldenHosts.HalfDone(LabBackend.Mdev),
        ["killed-vfio"] = () => GoldenHosts.Killed(LabBackend.Vfio),
        ["killed-mdev"] = () => GoldenHosts.Killed(LabBackend.Mdev),
    };

    /// <summary>Kind of host, VMs that run there, VMs whose start was begun, instances that a person made.</summary>
    public static TheoryData<string, int[], int[], int> Kinds => new()
    {
        { "mig-vfio", [101, 102], [], 1 },
        { "mig-mdev", [101, 102], [], 1 },
        { "time-sliced-vfio", [101, 102], [], 0 },
        { "time-sliced-mdev", [101, 102], [], 0 },
        { "shared-instance", [101, 102], [], 0 },
        { "mapped", [101, 102], [103], 0 },
        { "half-done-vfio", [101], [102], 0 },
        { "half-done-mdev", [101], [102], 0 },
        { "killed-vfio", [101], [102], 0 },
        { "killed-mdev", [101], [102], 0 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Their_claims_are_read(string kind, int[] running, int[] begun, int others)
    {
        var node = Put(kind);
        using var recorded = JsonDocument.Parse(TextOf(node, Claims));
        var show = node.Hook("show", "--json");
        Assert.True(show.Succeeded, show.Error);
        using var shown = JsonDocument.Parse(show.Output);
        var claims = shown.RootElement.GetProperty("claims").EnumerateArray().ToList();
        Assert.Equal(
            recorded.RootElement.GetProperty("claims").EnumerateArray().Select(c => (
                c.GetProperty("vm").GetInt32(), (string?)$"hostpci{c.GetProperty("entry").GetInt32()}",
                c.GetProperty("type").GetInt32(), c.GetProperty("state").GetString())),
            claims.Select(c => (
                c.GetProperty("vmId").GetInt32(), c.GetProperty("entry").GetString(), c.GetProperty("type").GetInt32(),
                c.GetProperty("state").GetString())));
        Assert.Equal(running.Concat(begun), claims.Select(c => c.GetProperty("vmId").GetInt32()).Distinct().Order());
        Assert.Equal(others, InstancesOf(node).Count - recorded.RootElement.GetProperty("instances").EnumerateArray()
            .Count(i => i.GetProperty("isOurs").GetBoolean()));
    }

    /// <summary>A start that is under way keeps its instance from another VM, and one that was abandoned gives it
    /// away.</summary>
    [Theory]
    [InlineData("half-done-vfio")]
    [InlineData("half-done-mdev")]
    public void A_start_under_way_is_counted(string kind)
    {
        const int CannotBeHad = 75;
        var node = Put(kind);
        node.CreateVm(new VmId(150), "0=0000:4b:00.7,mdev=nvidia-690");
        using (node.Host.Files.TryLock("/run/lock/qemu-server/lock-102.conf", 0b110_100_100)!)
        {
            Assert.Equal(CannotBeHad, node.Hook("plan", "150").ExitCode);
        }

        // Nobody starts it any more: what its claim says is taken back, which nothing on the GPU would tell.
        var plan = node.Hook("plan", "150");
        Assert.True(plan.Succeeded, plan.Error);
        Assert.Contains("would release what VM 102 left behind", plan.Output, StringComparison.Ordinal);
        node.Host.Files.Delete(Claims);
        Assert.Equal(CannotBeHad, node.Hook("plan", "150").ExitCode);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void They_stop_and_nothing_of_them_stays(string kind, int[] running, int[] begun, int others)
    {
        var node = Put(kind);
        Assert.All(begun, vm => Assert.Null(node.Start(vm).Error));
        Assert.All(running.Concat(begun), node.StopAndCleanUp);
        IsClean(node, others);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void They_are_swept_where_they_died(string kind, int[] running, int[] begun, int others)
    {
        var node = Put(kind);
        Assert.All(running, vm => Assert.Null(node.Proxmox.KillQemuAsync(new VmId(vm)).Result.Error));
        node.Host.Clock.Advance(TimeSpan.FromMinutes(10));
        var swept = node.Hook("sweep");
        Assert.True(swept.Succeeded, swept.Error);
        Assert.All(running.Concat(begun),
            vm => Assert.Contains($"released what VM {vm} left behind", swept.Output, StringComparison.Ordinal));
        IsClean(node, others);
    }

    private static void IsClean(LabHostNode node, int others)
    {
        using var claims = JsonDocument.Parse(TextOf(node, Claims));
        Assert.Equal((0, 0), (
            claims.RootElement.GetProperty("claims").GetArrayLength(),
            claims.RootElement.GetProperty("instances").GetArrayLength()));
        Assert.Equal(others, InstancesOf(node).Count);
        Assert.Empty(node.Host.State.Gpus.SelectMany(g => g.Vgpus));
        Assert.EndsWith("reservations ", node.Snapshot(), StringComparison.Ordinal);
    }

    private static List<LabGpuInstance> InstancesOf(LabHostNode node) =>
        [.. node.Host.State.Gpus.SelectMany(g => g.Instances)];

    private static string TextOf(LabHostNode node, string path) =>
        Encoding.UTF8.GetString(node.Host.Files.Read(path, 1 << 20));

    /// <summary>The host, with the files of before in the place of those that the hook of now wrote.</summary>
    private static LabHostNode Put(string kind)
    {
        var node = s_kinds[kind]();
        var recorded = GoldenFile.Recorded($"recorded/{kind}.txt", () => string.Concat(
            OursIn(node).Select(f => $"{Head}{f.Key} {f.Value}\n")));
        foreach (var path in OursIn(node).Select(f => f.Key).ToList())
        {
            node.Host.Files.Delete(path);
        }

        foreach (var part in ("\n" + recorded).Split("\n" + Head, StringSplitOptions.RemoveEmptyEntries))
        {
            var (head, text) = (part.Split('\n', 2)[0].Split(' '), part.Split('\n', 2)[1]);
            node.Host.Put(head[0], text, Convert.ToInt32(head[1], 8));
        }

        return node;
    }

    /// <summary>Files of the hook and of Proxmox; not their links.</summary>
    private static IEnumerable<KeyValuePair<string, string>> OursIn(LabHostNode node) => GoldenStory.FilesOf(node)
        .Where(f => !f.Value.Contains("\n-> ", StringComparison.Ordinal)
            && s_folders.Any(folder => f.Key.StartsWith(folder, StringComparison.Ordinal)));
}
