namespace VgpuPS.Core.Gpu;

/// <summary>What is known of a board by its PCI device id: what it can do, and which driver has it.</summary>
/// <param name="Name">Its name; null where the id is in no table.</param>
/// <param name="LastBranch">First number of the last driver that has vGPUs for it: 535; null while the newest has
/// it.</param>
/// <param name="HasSriov">Whether its vGPUs are on virtual functions; else they are on the board itself.</param>
/// <param name="HasDisplayMode">Whether it can be switched to a mode with display outputs, in which it offers neither
/// virtual functions nor MIG; null where that is unknown.</param>
/// <param name="HidesMig">Whether it has MIG, but for that mode.</param>
/// <param name="NeedsAiPackage">Whether its host driver is in the package <c>-vgpu-kvm-aie</c>.</param>
/// <remarks>
/// Source: branches: facts/host-behaviour.md 8, boards and branches; modes: facts/errors.md A9 and C1; ids:
/// facts/vgpu-types.json where they are there. Assumed: other ids; which boards have modes; Turing and older by id,
/// below 0x2080 and from 0x2180 to 0x21ff.
/// </remarks>
public sealed record GpuBoard(
    string? Name, int? LastBranch, bool HasSriov, bool? HasDisplayMode, bool HidesMig, bool NeedsAiPackage)
{
    private const int Maxwell = 535;
    private const int Pascal = 535;
    private const int Volta = 580;

    /// <summary>NVIDIA's program that switches boards between modes.</summary>
    public const string ModeTool = "displaymodeselector";

    private static readonly Dictionary<int, (string Name, int? LastBranch)> s_old = new()
    {
        [0x13bd] = ("Tesla M10", Maxwell),
        [0x13f2] = ("Tesla M60", Maxwell),
        [0x13f3] = ("Tesla M6", Maxwell),
        [0x15f7] = ("Tesla P100", Pascal),
        [0x15f8] = ("Tesla P100", Pascal),
        [0x15f9] = ("Tesla P100", Pascal),
        [0x1b38] = ("Tesla P40", Pascal),
        [0x1bb3] = ("Tesla P4", Pascal),
        [0x1bb4] = ("Tesla P6", Pascal),
        [0x1db1] = ("Tesla V100", Volta),
        [0x1db3] = ("Tesla V100", Volta),
        [0x1db4] = ("Tesla V100", Volta),
        [0x1db5] = ("Tesla V100", Volta),
        [0x1db6] = ("Tesla V100", Volta),
        [0x1df6] = ("Tesla V100S", Volta),
        [0x1e30] = ("Quadro RTX 6000/8000", null),
        [0x1eb8] = ("Tesla T4", null),
    };

    // Boards with display outputs that their mode switches on and off.
    private static readonly Dictionary<int, string> s_modal = new()
    {
        [0x2230] = "RTX A6000",
        [0x2231] = "RTX A5000",
        [0x2233] = "RTX A5500",
        [0x2235] = "A40",
        [0x26b1] = "RTX 6000 Ada",
        [0x26b2] = "RTX 5000 Ada",
        [0x26b3] = "RTX 5880 Ada",
        [0x26b5] = "L40",
        [0x26b9] = "L40S",
        [0x26ba] = "L20",
        [0x2bb1] = "RTX PRO 6000 Blackwell Workstation",
        [0x2bb3] = "RTX PRO 5000 Blackwell",
        [0x2bb4] = "RTX PRO 6000 Blackwell Max-Q",
        [0x2bb5] = "RTX PRO 6000 Blackwell Server",
        [0x2bb9] = "RTX 6000D",
    };

    private static readonly Dictionary<int, string> s_headless = new()
    {
        [0x20b0] = "A100",
        [0x20b2] = "A100",
        [0x20b5] = "A100",
        [0x20b7] = "A30",
        [0x20b8] = "A100X",
        [0x20b9] = "A30X",
        [0x20f1] = "A100",
        [0x2236] = "A10",
        [0x25b6] = "A2 or A16",
        [0x27b8] = "L4",
        [0x2321] = "H100 NVL",
        [0x2322] = "H800",
        [0x2324] = "H800",
        [0x2329] = "H20",
        [0x232c] = "H20-3e",
        [0x2330] = "H100",
        [0x2331] = "H100",
        [0x2335] = "H200",
        [0x2337] = "H100",
        [0x2339] = "H100",
        [0x233a] = "H800 NVL",
        [0x233b] = "H200 NVL",
        [0x2342] = "GH200",
        [0x2348] = "GH200",
        [0x2901] = "B200",
        [0x2941] = "GB200",
        [0x3182] = "B300",
    };

    /// <summary>What is known of a board.</summary>
    /// <param name="deviceId">Its PCI device id.</param>
    public static GpuBoard Of(int deviceId) =>
        s_old.TryGetValue(deviceId, out var old) ? new GpuBoard(old.Name, old.LastBranch, false, false, false, false)
        : s_modal.TryGetValue(deviceId, out var modal)
            ? new GpuBoard(modal, null, true, true, deviceId >= 0x2b00, false)
        : s_headless.TryGetValue(deviceId, out var name)
            ? new GpuBoard(name, null, true, false, false, deviceId is 0x20b7 or 0x20b9)
        : new GpuBoard(null, null, deviceId is >= 0x2080 and not (>= 0x2180 and < 0x2200), null, false, false);

    /// <summary>Whether a driver has no vGPUs for the board: its branch is later than the last that has.</summary>
    /// <param name="driver">Version, such as <c>580.105.06</c>; null for none.</param>
    public bool IsDroppedBy(string? driver) => LastBranch is { } last
        && int.TryParse((driver ?? "").Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var branch)
        && branch > last;

    /// <summary>Why a GPU of NVIDIA's driver has neither virtual functions nor types of its own; null where it has, or
    /// another driver has the GPU.</summary>
    public static (string Cause, string Fix)? WhyWithoutFunctions(PhysicalFunction gpu)
    {
        const string Firmware = "enable SR-IOV in the firmware: systemctl reboot --firmware-setup";
        if (gpu is not { Driver: "nvidia", TotalFunctions: 0, HasMediatedTypes: false })
        {
            return null;
        }

        var board = Of(gpu.DeviceId);
        return !board.HasSriov
            ? ("the board has no virtual functions (SR-IOV); its types are on the GPU itself, and none is registered",
                "register them, and see what is reported: systemctl restart nvidia-vgpud; "
                    + "journalctl -b -u nvidia-vgpud")
            : board.HasDisplayMode == false ? ("SR-IOV is off in the firmware", Firmware)
            : ("the board is in display mode, or SR-IOV is off in the firmware",
                $"set the board to its datacentre mode with NVIDIA's {ModeTool} ({ModeTool} --gpumode compute), "
                    + $"and {Firmware}");
    }
}
