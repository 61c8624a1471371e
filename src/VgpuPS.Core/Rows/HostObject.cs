using System.Text.Json.Serialization;

namespace VgpuPS.Core.Rows;

/// <summary>What a host has, as scripts and users handle it: plain ids, and the host that it belongs to.</summary>
public abstract record HostObject
{
    /// <summary>Name of the host session that it came from, and that it goes back to; set where a session hands it out.</summary>
    [JsonIgnore]
    public string VgpuHost { get; set; } = "";
}

/// <summary>A result of a use case that has rows among other things.</summary>
public interface IHostRows
{
    /// <summary>Its rows, in no order.</summary>
    IEnumerable<HostObject> Rows { get; }
}
