// Runs before the page is painted. Key and values are those of theme/theme.ts.
try {
  const theme = localStorage.getItem('trainyard.theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing: the system's theme it is.
}
