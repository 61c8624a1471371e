using System.Globalization;
using System.Text;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Files;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

public sealed partial class MeetingTests
{
    private static string Type(string function) => $"/sys/bus/pci/devices/{function}/nvidia/current_vgpu_type";

    private static string InSeconds(Situation s, int seconds) =>
        (s.Host.Clock.GetUtcNow().ToUnixTimeSeconds() + seconds).ToString(CultureInfo.InvariantCulture);

    private static string Lines(Situation s) => Encoding.ASCII.GetString(s.Host.Files.Read(Reservations, 1 << 16));

    private static void Release(Situation s, string by)
    {
        var result = by == "sweep" ? s.Node.Hook("sweep") : s.Node.Hook("101", "post-stop");
        Assert.True(result.Succeeded, result.Error);
    }

    /// <summary>
    /// 101 had the first function and has stopped; 102 is prepared on the second, and Proxmox will find the first free.
    /// </summary>
    private static Situation Stopped(out IHostFileLock held)
    {
        var s = Situation.Of("9.2", LabBackend.Vfio);
        s.Node.MapFunctions("gpus", Situation.First, Situation.Second, Third);
        s.Vm(101, $"0={Situation.First},mdev=nvidia-689").Vm(102, "0=mapping=gpus,mdev=nvidia-689");
        s.Starts(101);
        held = s.HoldConfigLock(102);
        Assert.True(s.Node.Hook("102", "pre-start").Succeeded, s.Said);

        s.WithoutHook(101);
        s.WithoutHook(102);
        Assert.Null(s.Node.Stop(101).Error);
        return s;
    }

    /// <summary>The first and the last call of each name that an actor makes, by number.</summary>
    private static IEnumerable<int> Moments(Situation s, string actor, Action<Situation> run)
    {
        var calls = new List<string>();
        s.Host.Gate.Passing = (name, who) =>
        {
            if (who == actor)
            {
                calls.Add(name);
            }
        };
        run(s);
        s.Host.Gate.Passing = null;
        return calls.Index().GroupBy(c => c.Item).SelectMany(g => new[] { g.First().Index + 1, g.Last().Index + 1 })
            .Distinct().Order();
    }

    private static void Interrupt(Situation s, string actor, int at, Action work)
    {
        var calls = 0;
        s.Host.Gate.Passing = (_, who) =>
        {
            // Whoever works here waits for Proxmox's lock, which is given back only when the actor goes on.
            if (who == actor && ++calls >= at && !IsLockHeld(s))
            {
                s.Host.Gate.Passing = null;
                work();
            }
        };
    }

    private static bool IsLockHeld(Situation s) =>
        LabTree.Find(s.Host.State, "/run/qemu-server/pci-id-reservations.lock")
        is { } entry && s.Host.State.Locks.Exists(l => l.Inode == entry.Inode);

    private static void Interrupt(Situation s, string call, Action work)
    {
        s.Host.Gate.Passing = (name, who) =>
        {
            if (name == call)
            {
                s.Host.Gate.Passing = null;
                work();
            }
        };
    }
}
