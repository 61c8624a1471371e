using System.Text.RegularExpressions;
using VgpuPS.Core.Metrics;
using VgpuPS.Host.Nvml;

namespace VgpuPS.Host.Operations.Metrics;

/// <summary>Reads vGPUs of a GPU.</summary>
internal sealed partial class VgpuMetricReader(IGpuDriverSession driver, MetricCollection found, GpuState state)
{
    private const long BytesPerMiB = 1L << 20;

    private readonly string _gpu = state.Address.ToString();

    /// <summary>Reads one.</summary>
    public void Read(PlacedVgpu vgpu, VgpuLoad load)
    {
        string?[] labels =
        [
            _gpu, vgpu.Instance?.ToString(), vgpu.Function.ToString(), vgpu.Uuid?.Value, vgpu.Vm?.ToString(),
            vgpu.TypeName,
        ];
        var guest = vgpu.Active is { } active ? driver.FindGuestState(state.Address, active) : null;
        var profile = vgpu.Type?.Profile is { } id ? state.NameOf(id) : null;
        found.Add(VgpuMetrics.Info, 1, [.. labels, profile, Version(guest?.DriverVersion)]);
        found.Add(VgpuMetrics.Running, guest is null ? 0 : 1, labels);
        if (vgpu.Type is { } type)
        {
            found.Add(VgpuMetrics.Framebuffer, type.FramebufferMiB * BytesPerMiB, labels);
        }

        if (guest is null)
        {
            return;
        }

        Add(VgpuMetrics.FramebufferUsed, guest.FramebufferUsedMiB is { } used
            ? Reading.Of(used * BytesPerMiB) : Reading.Missing(MetricAbsence.NotAvailable), labels);
        Add(VgpuMetrics.Sm, load.Sm, labels);
        Add(VgpuMetrics.Memory, load.Memory, labels);
        Add(VgpuMetrics.Encoder, load.Encoder, labels);
        Add(VgpuMetrics.Decoder, load.Decoder, labels);
        Add(VgpuMetrics.Jpeg, load.Jpeg, labels);
        Add(VgpuMetrics.OpticalFlow, load.OpticalFlow, labels);
        AddVideo(driver.ReadVideo(vgpu.Active!), labels);
        AddLicence(guest.License, labels);
    }

    /// <summary>The guest's word is a label only where it looks like a version.</summary>
    internal static string? Version(string? said) => said is not null && Versions().IsMatch(said) ? said : null;

    private void AddVideo(VgpuVideo video, string?[] labels)
    {
        Add(VgpuMetrics.EncoderSessions, video.EncoderSessions, labels);
        Add(VgpuMetrics.EncoderFrames, video.EncoderFramesPerSecond, labels);
        Add(VgpuMetrics.EncoderLatency, video.EncoderLatencySeconds, labels);
        Add(VgpuMetrics.CaptureSessions, video.CaptureSessions, labels);
        Add(VgpuMetrics.CaptureFrames, video.CaptureFramesPerSecond, labels);
        Add(VgpuMetrics.CaptureLatency, video.CaptureLatencySeconds, labels);
    }

    private void AddLicence(VgpuLicense? licence, string?[] labels)
    {
        var now = licence?.State ?? VgpuLicenseState.Unknown;
        foreach (var each in Enum.GetValues<VgpuLicenseState>())
        {
            found.Add(VgpuMetrics.Licence, each == now ? 1 : 0, [.. labels, Name(each)]);
        }

        if (licence?.Expiry is { } end)
        {
            found.Add(VgpuMetrics.LicenceExpiry, end.ToUnixTimeSeconds(), labels);
        }
    }

    private static string Name(VgpuLicenseState state) => state switch
    {
        VgpuLicenseState.Uninitialized => "uninitialized",
        VgpuLicenseState.UnlicensedUnrestricted => "unlicensed_unrestricted",
        VgpuLicenseState.UnlicensedRestricted => "unlicensed_restricted",
        VgpuLicenseState.Unlicensed => "unlicensed",
        VgpuLicenseState.Licensed => "licensed",
        _ => "unknown",
    };

    private void Add(MetricFamily family, Reading reading, string?[] labels) =>
        found.Add(family, _gpu, reading, labels);

    [GeneratedRegex(@"^[0-9]{3}(\.[0-9]{2,3}){1,2}\z")]
    private static partial Regex Versions();
}
