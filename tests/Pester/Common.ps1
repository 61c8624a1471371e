# Dot-sourced by each file's BeforeAll: imports the built module and gives a fresh simulated host.
$ErrorActionPreference = 'Stop'
$env:NO_COLOR = '1'
$PSStyle.OutputRendering = 'PlainText'
Import-Module (Join-Path $PSScriptRoot '../../out/VgpuPS/VgpuPS.psd1') -Force

# A new host and no other session.
function New-TestLab {
    param([string[]] $Model = @('A30', 'A30'), [hashtable] $Option = @{})
    Disconnect-All
    Connect-VgpuHost -Lab $Model @Option
}

function Disconnect-All {
    Get-VgpuHost -ErrorAction Ignore | Where-Object Kind -NE 'local' | Disconnect-VgpuHost
}

# All that can be seen of the host, as text: equal texts mean that nothing has changed.
function Get-TestState {
    Get-Gpu | ConvertTo-Json -Depth 6
    Get-SriovFunction | ConvertTo-Json -Depth 6
    Get-MigInstance | ConvertTo-Json -Depth 6
    Get-Vgpu | ConvertTo-Json -Depth 6
    Get-VgpuScheduler | ConvertTo-Json -Depth 6
}

# The error record that a script writes or throws; null where it does neither.
function Get-TestError {
    param([scriptblock] $Script)
    $ErrorActionPreference = 'Continue'
    $written = @()
    try {
        & $Script 2>&1 | ForEach-Object {
            if ($_ -is [System.Management.Automation.ErrorRecord]) { $written += $_ }
        }
    }
    catch {
        $written += $_
    }

    $written | Select-Object -First 1
}

function Get-TestCompletion {
    param([string] $Line)
    (TabExpansion2 $Line $Line.Length).CompletionMatches.CompletionText
}

# What a script prints in a process of its own, where -WhatIf writes to standard output.
function Invoke-TestProcess {
    param([string] $Script)
    $common = Join-Path $PSScriptRoot 'Common.ps1'
    $text = ". '$common'`n`$ErrorActionPreference = 'Continue'`n$Script"
    $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text))
    & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -EncodedCommand $encoded 2>&1 | ForEach-Object ToString
}
