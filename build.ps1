#!/usr/bin/env pwsh
<#
.SYNOPSIS
    Builds, tests, checks and packs VgpuPS.
.DESCRIPTION
    One function per task; the first command that fails ends the run with its exit code. Downloads nothing by itself
    beyond what `dotnet restore` and `dotnet tool restore` do. Without a PowerShell of your own:
    dotnet tool restore; dotnet pwsh ./build.ps1
.PARAMETER Task
    Clean    removes out/ and every bin/ and obj/
    Build    builds all projects with warnings as errors, publishes the module to out/VgpuPS, on Linux with the native hook
    Test     builds, then runs the tests, and the Pester files against the module
    Lint     checks formatting and code style
    Package  makes a release in out/release: vgpups_<version>_amd64.deb for a Proxmox host, VgpuPS.<version>.nupkg and
             VgpuPS-<version>.zip with the module, the native hook and vgpu-bench, SHA256SUMS; on Linux only
.PARAMETER Configuration
    Release by default.
.EXAMPLE
    ./build.ps1 -Task Test
#>
[CmdletBinding()]
param(
    [ValidateSet('Clean', 'Build', 'Test', 'Lint', 'Package')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$Out = Join-Path $PSScriptRoot 'out'
$Manifest = Import-PowerShellDataFile (Join-Path $PSScriptRoot 'VgpuPS.psd1')
$Version = @($Manifest.ModuleVersion; $Manifest.PrivateData.PSData['Prerelease']) -ne $null -join '-'

function Invoke-Program {
    param([string] $Name, [string[]] $Arguments)
    Write-Verbose "$Name $Arguments"
    & $Name @Arguments
    if ($LASTEXITCODE -ne 0) {
        throw "'$Name $Arguments' ended with exit code $LASTEXITCODE."
    }
}

function Get-Project {
    Get-ChildItem -Path $PSScriptRoot -Directory |
        Where-Object Name -In 'src', 'hookscripts', 'module', 'tests' |
        Get-ChildItem -Filter '*.csproj' -Recurse -File |
        Sort-Object FullName
}

function Invoke-Clean {
    if (Test-Path $Out) {
        Remove-Item -LiteralPath $Out -Recurse -Force
    }

    Get-Project | ForEach-Object DirectoryName | Sort-Object -Unique | ForEach-Object {
        foreach ($name in 'bin', 'obj') {
            $folder = Join-Path $_ $name
            if (Test-Path $folder) {
                Remove-Item -LiteralPath $folder -Recurse -Force
            }
        }
    }
}

function Invoke-Build {
    Get-Project | ForEach-Object { Invoke-Program dotnet @('build', $_.FullName, '-c', $Configuration, '-v', 'quiet') }
    Invoke-Program dotnet @('publish', (Join-Path $PSScriptRoot 'module'), '-c', $Configuration, '-v', 'quiet')
}

function Invoke-Test {
    Invoke-Build
    Invoke-Program dotnet @('test', (Join-Path $PSScriptRoot 'tests/VgpuPS.Tests'), '-c', $Configuration, '--no-build')
    Push-Location $PSScriptRoot
    try {
        Invoke-Program dotnet @('tool', 'restore')
        Invoke-Program dotnet @('pwsh', '-NoProfile', '-NonInteractive', '-File', 'tests/Pester/Invoke-PesterFile.ps1')
    }
    finally {
        Pop-Location
    }
}

function Invoke-Lint {
    Invoke-Program dotnet @('format', (Join-Path $PSScriptRoot 'src/VgpuPS.slnx'), '--verify-no-changes')
}

function Invoke-Package {
    if (-not $IsLinux) {
        throw 'A release is made on Linux: NativeAOT builds the hook for the system that it runs on.'
    }

    $module = Join-Path $PSScriptRoot 'module'
    $laidOut = Join-Path $Out 'VgpuPS'
    $release = Join-Path $Out 'release'
    $laidOut, $release | Where-Object { Test-Path $_ } | Remove-Item -Recurse -Force
    New-Item -ItemType Directory -Force $release | Out-Null
    Invoke-Program dotnet @('publish', $module, '-c', 'Release', '-v', 'quiet')
    Invoke-Program sh @(
        (Join-Path $PSScriptRoot 'hookscripts/debian/build-deb'), $Version, (Join-Path $Out 'hook/vgpu-hook'),
        (Join-Path $Out 'bench/vgpu-bench'), $release) | Out-Null
    Invoke-Program dotnet @('pack', $module, '-c', 'Release', '--no-build', '-o', $release, '-v', 'quiet')
    [System.IO.Compression.ZipFile]::CreateFromDirectory(
        $laidOut, (Join-Path $release "VgpuPS-$Version.zip"), 'SmallestSize', $true)
    $sums = Get-ChildItem $release | Get-FileHash -Algorithm SHA256 |
        ForEach-Object { '{0}  {1}' -f $_.Hash.ToLowerInvariant(), (Split-Path $_.Path -Leaf) }
    Set-Content (Join-Path $release 'SHA256SUMS') $sums
    (Get-ChildItem $release).FullName
}

foreach ($name in $Task) {
    & "Invoke-$name"
}
