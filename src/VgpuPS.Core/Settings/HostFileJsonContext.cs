using System.Text.Json.Serialization;
using VgpuPS.Core.Boot;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Layout;

namespace VgpuPS.Core.Settings;

/// <summary>How our own files on a host are read and written: camelCase, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters =
    [
        typeof(VmIdConverter), typeof(VgpuTypeIdConverter), typeof(ProfileIdConverter), typeof(GpuInstanceIdConverter),
        typeof(ComputeInstanceIdConverter), typeof(PciAddressConverter), typeof(MdevUuidConverter),
        typeof(ChoiceConverter<ClaimState>), typeof(SettingConverter<SriovPolicy>), typeof(SettingConverter<MigModePolicy>),
        typeof(SettingConverter<ComputeInstancePolicy>), typeof(SettingConverter<ReclaimPolicy>),
        typeof(SettingConverter<UnreadableEntryPolicy>), typeof(SettingConverter<ChainOrder>),
    ],
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(ClaimFile))]
[JsonSerializable(typeof(HostLayout))]
[JsonSerializable(typeof(BootStatus))]
[JsonSerializable(typeof(HookSettings))]
public sealed partial class HostFileJsonContext : JsonSerializerContext;
