using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.Licensing;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Guests;
using VgpuPS.Lab.Machine;
using VgpuPS.Tests.Licensing;
using VgpuPS.Tests.Operations.VmVgpus;
using Xunit;

namespace VgpuPS.Tests.Operations.Licensing;

/// <summary>A node whose VMs run with a vGPU each, and their guests.</summary>
internal sealed class GuestLab
{
    public const string Folder = "/etc/nvidia/ClientConfigToken";
    public const string WindowsFolder = @"C:\Program Files\NVIDIA Corporation\vGPU Licensing\ClientConfigToken";
    public const string Conf = "/etc/nvidia/gridd.conf";
    public const string TokenName = "client_configuration_token_lab.tok";

    private static readonly string[] s_functions = ["0000:4b:00.4", "0000:4b:00.5", "0000:ca:00.4", "0000:ca:00.5"];

    public GuestLab(params IReadOnlyList<int> vms) : this("685", vms)
    {
    }

    public GuestLab(string? type, IReadOnlyList<int> vms)
    {
        Vms = new VmLab(mig: [false, false]);
        for (var i = 0; i < vms.Count; i++)
        {
            if (type is not null)
            {
                Vms.With(vms[i], $"hostpci0: {s_functions[i]},mdev=nvidia-{type}");
            }

            Vms.Start(vms[i]);
        }
    }

    public VmLab Vms { get; }

    public LabHost Host => Vms.Host;

    public LabGuest this[int vm] => Host.State.Guests.Single(g => g.Vm == vm);

    public GuestLab With(int vm, Action<LabGuest> change)
    {
        Host.Edit(_ => change(this[vm]));
        return this;
    }

    public string? File(int vm, string path) =>
        this[vm].Files.TryGetValue(path, out var file) ? Encoding.UTF8.GetString(file.Content) : null;

    public GuestLab Put(int vm, string path, string text) =>
        With(vm, g => g.Files[path] = new LabGuestFile { Content = Encoding.UTF8.GetBytes(text), Mode = "600" });

    public static SetGridLicenseRequest Request(int vm = 101, string? token = null) => new()
    {
        Vm = vm.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Token = token ?? Tokens.Make(),
        TokenName = TokenName,
        Source = "test",
    };

    public ChangeResult Set(SetGridLicenseRequest request) => SetAsync(request).GetAwaiter().GetResult();

    public Task<ChangeResult> SetAsync(SetGridLicenseRequest request, CancellationToken token = default) =>
        HostUseCases.SetGridLicense.RunAsync(Vms.Ports, request, new Silent(), token);

    /// <summary>Refused by the plan already, and nothing in the guests or on the host is changed.</summary>
    public T Refuses<T>(SetGridLicenseRequest request, string errorId, params string[] words)
        where T : VgpuException
    {
        var before = Snapshot();
        var planned = Assert.Throws<T>(() => Set(request with { IsPlanOnly = true }));
        var real = Assert.Throws<T>(() => Set(request));
        Assert.Equal((errorId, errorId), (planned.ErrorId, real.ErrorId));
        foreach (var word in words)
        {
            Assert.Contains(word, $"{real.Message} do: {real.RecommendedAction}", StringComparison.Ordinal);
        }

        Assert.Equal(before, Snapshot());
        return real;
    }

    /// <summary>All files of the guests, and the host's state.</summary>
    public string Snapshot() => HostSnapshot.Take(Vms.Node) + string.Join('\n', Host.State.Guests.Select(GuestPicture));

    /// <summary>A key of a Windows guest's registry: that of newer drivers, or that of older ones.</summary>
    public static string Key(bool isNewer) => isNewer
        ? @"HKLM:\SYSTEM\CurrentControlSet\Services\nvlddmkm\Global\GridLicensing"
        : @"HKLM:\SOFTWARE\NVIDIA Corporation\Global\GridLicensing";

    public static string GuestPicture(LabGuest guest) =>
        $"{guest.Vm} {string.Join(',', guest.Registry)} " + string.Join(
            ';', guest.Files.Select(f => $"{f.Key} {f.Value.Mode} {Convert.ToHexString(f.Value.Content)}"));

    public HostReport Report => HostUseCases.ReadHost.RunAsync(Vms.Ports, new ReadHostRequest(), new Silent(), default)
        .GetAwaiter().GetResult();

    public GridLicenseReport ReadLicense(string vm) => HostUseCases.ReadGridLicense.RunAsync(
        Vms.Ports, new ReadGridLicenseRequest { Vm = vm }, new Silent(), default).GetAwaiter().GetResult();

    public VgpuInfo Vgpu(int vm) => Report.Gpus.SelectMany(g => g.Vgpus).Single(v => v.VmId == vm);

    internal sealed class Silent : IProgress<StepProgress>
    {
        public void Report(StepProgress value)
        {
        }
    }
}
