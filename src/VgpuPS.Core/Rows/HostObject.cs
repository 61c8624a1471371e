using System.Text.Json.Serialization;

namespace VgpuPS.Core.Rows;

/// <summary>What a host has, as scripts and users handle it: plain ids, and the host that it belongs to.</summary>
public abstract record HostObject
{
    /// <summary>Name of the host session that it came from, and that it goes back to; the session sets it.</summary>
    [JsonIgnore]
    public string VgpuHost { get; set; } = "";
}

/// <summary>What has rows in it: a result of a use case, or a row of rows.</summary>
public interface IHostRows
{
    /// <summary>Makes its rows objects of a session, and gives each what travels once for many.</summary>
    void Stamp(string host);
}

/// <summary>What a GPU has; the GPU's identity travels with the GPU alone.</summary>
public abstract record GpuObject : HostObject
{
    /// <summary>UUID of the GPU.</summary>
    [JsonIgnore]
    public abstract string GpuUuid { get; internal set; }

    /// <summary>Address of the GPU.</summary>
    [JsonIgnore]
    public abstract string GpuAddress { get; internal set; }
}
