using VgpuPS.Core.Gpu;
using VgpuPS.Host.Operations.Capacity;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Models;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Operations;

/// <summary>What capacity says against what really starts: VMs are started until one is refused.</summary>
[Trait("Duration", "Long")]
public sealed class CapacityAgainstStartsTests
{
    private static readonly bool[] s_modes = [false, true];
    private const int FirstVm = 200;

    /// <summary>Seeds of mixes for each board; the whole 200 with <c>VGPUPS_MIXES=200</c>.</summary>
    private static int Mixes =>
        int.TryParse(Environment.GetEnvironmentVariable("VGPUPS_MIXES"), out var mixes) ? mixes : 4;

    public static TheoryData<string> Boards { get; } = [.. GpuModel.Names];

    [Theory]
    [MemberData(nameof(Boards))]
    public void Every_type_of_a_board_starts_as_often_as_it_says(string board)
    {
        foreach (var isMig in Modes(board))
        {
            foreach (var type in Types(board, isMig))
            {
                var node = Node(board, isMig);
                Assert.Equal((board, type, Say(node, type)), (board, type, Start(node, [type])));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Boards))]
    public void A_mix_of_two_types_leaves_as_many_as_it_says(string board)
    {
        for (var seed = 0; seed < Mixes; seed++)
        {
            foreach (var isMig in Modes(board))
            {
                var random = new Random((seed * 31) + board.Length);
                var types = Types(board, isMig).ToArray();
                var (first, second) = (types[random.Next(types.Length)], types[random.Next(types.Length)]);
                var node = Node(board, isMig);
                Start(node, [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ =>
                    random.Next(2) == 0 ? first : second)], isOnce: true);
                var (said, started) = (Say(node, second), Start(node, [second], FirstVm + 100));
                Assert.True(
                    said == started, $"{board}, seed {seed}: {first}, {second}: {said} said, {started} started");
            }
        }
    }

    private static IEnumerable<bool> Modes(string board)
    {
        var model = GpuModel.Load(board);
        return s_modes.Where(mig => model.Types.Any(t => t.GpuInstanceProfile is not null == mig));
    }

    private static IEnumerable<string> Types(string board, bool isMig) => GpuModel.Load(board).Types
        .Where(t => t.GpuInstanceProfile is not null == isMig).Select(t => t.Id.ToString());

    private static LabHostNode Node(string board, bool isMig) =>
        LabNodes.Of([board], LabBackend.Vfio, isMig, GpuModel.Load(board).TotalFunctions > 0, "9.2");

    private static int Say(LabHostNode node, string type) => HostUseCases.ReadCapacity.RunAsync(
        node.Connect(_ => { }), new ReadCapacityRequest { Type = type }, new Progress<Host.Execution.StepProgress>(),
        default).GetAwaiter().GetResult().Gpus[0].Startable;

    /// <summary>Starts VMs, each on a function of its own, until one is refused; how many started.</summary>
    private static int Start(LabHostNode node, string[] types, int first = FirstVm, bool isOnce = false)
    {
        for (var n = 0; !isOnce || n < types.Length; n++)
        {
            var functions = node.Connect(_ => { }).Devices.GetFunctions(
                node.Connect(_ => { }).Devices.GetGpus()[0]);
            if (functions.FirstOrDefault(f => f.IsShared || !f.IsOccupied) is not { } free)
            {
                return n;
            }

            node.CreateVm(new VmId(first + n), $"0={free.Address},mdev=nvidia-{types[n % types.Length]}");
            if (!node.Start(first + n).Succeeded)
            {
                return n;
            }
        }

        return types.Length;
    }
}
